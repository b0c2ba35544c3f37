"""Checks of `parameter_count`: torch's real modules, and the array shapes of Keras."""

import math
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Strategy, Submission, check, expect, expect_error, sizes
from grader.checks.counts import KINDS, layer, layer_sizes, parameter_count
from grader.checks.hearing import observe

Network = dict[str, Any]  # the arguments by name


def networks(**options: Strategy) -> Strategy:
    """Networks of any kind, with these options."""
    drawn = st.fixed_dictionaries(options)
    return st.builds(lambda one, other: one | other, drawn, layer_sizes(40))


def stacks(layers: Strategy, **options: Strategy) -> Strategy:
    """Networks of several layers, with and without biases."""
    return networks(num_layers=layers, bias=st.booleans(), **options)


PROJECTED = st.builds(
    lambda network, p: network | {"hidden_size": network["hidden_size"] + p, "proj_size": p},
    stacks(sizes(1, 3)),
    sizes(1, 20),
)


def ask(
    submission: Submission, *, kind: str, input_size: int, hidden_size: int, **more: Any
) -> Any:
    """Ask for a count: a learner's first three arguments may have other names."""
    count = submission["parameter_count"](kind, input_size, hidden_size, **more)
    observe(f"the count of {kind}", str(count)[:40])
    return count


def expect_torch_counts(submission: Submission, network: Network, *kinds: str) -> None:
    """Hold the count of each kind against the number of entries in torch's module.

    All kinds are asked about in each case: of two mistakes, one often leaves a kind alone.
    """
    for kind in kinds or KINDS:
        asked = {"kind": kind, **network}
        expect(ask(submission, **asked), parameter_count(layer(**asked)), name="count")


@check(points=2, examples=15)
@given(network=networks())
def counts_one_torch_layer(submission: Submission, network: Network) -> None:
    """One layer in one direction has as many parameters as torch.nn.RNN, LSTM or GRU."""
    expect_torch_counts(submission, network)
    expect_torch_counts(submission, network | {"hidden_size": 1})


@check(points=1, after=counts_one_torch_layer, examples=15)
@given(network=networks(bias=st.just(False)))
def counts_without_bias(submission: Submission, network: Network) -> None:
    """With bias=False only the matrices are counted."""
    expect_torch_counts(submission, network)


@check(points=1, after=counts_without_bias, examples=15)
@given(network=stacks(sizes(2, 4)))
def counts_a_stack(submission: Submission, network: Network) -> None:
    """Each layer above the first counts the outputs of the layer below as its inputs."""
    expect_torch_counts(submission, network)


@check(points=1, after=counts_a_stack, examples=20)
@given(network=stacks(sizes(1, 4), bidirectional=st.just(True)))
def counts_both_directions(submission: Submission, network: Network) -> None:
    """A bidirectional stack has as many parameters as torch's."""
    expect_torch_counts(submission, network)
    # Without names, the options have the places that the task gives them.
    input_size, hidden_size = network["input_size"], network["hidden_size"]
    for both, bias in ((True, False), (False, True)):
        options = {"num_layers": network["num_layers"], "bidirectional": both, "bias": bias}
        sizes_of = {"input_size": input_size, "hidden_size": hidden_size}
        count = submission["parameter_count"]("gru", input_size, hidden_size, *options.values())
        observe(f"the count without names, bidirectional={both}", str(count)[:40])
        want = parameter_count(layer("gru", **sizes_of, **options))
        expect(count, want, name=f"count with {tuple(options.values())} as last arguments")


@check(points=1, after=counts_both_directions)
def counts_large_networks(submission: Submission) -> None:
    """The count is exact for 12 layers and billions of parameters too."""
    sizes_of = {"input_size": 5_001, "hidden_size": 10_007}
    expect_torch_counts(submission, {**sizes_of, "num_layers": 12, "bidirectional": True})


@check(points=1, after=counts_both_directions, examples=25)
@given(network=PROJECTED)
def counts_a_projection(submission: Submission, network: Network) -> None:
    """With proj_size, an LSTM has as many parameters as torch's."""
    projections = (network["proj_size"], network["hidden_size"] - 1, 1)
    for size, both in product(projections, (False, True)):
        asked = network | {"proj_size": size, "bidirectional": both}
        expect_torch_counts(submission, asked, "lstm")


@check(points=2, after=counts_both_directions, examples=12)
@given(network=networks(num_layers=st.sampled_from([1, 1, 2, 3, 4])))
def counts_keras_layers(submission: Submission, network: Network) -> None:
    """With framework="keras" the counts are those of keras.layers.SimpleRNN, LSTM and GRU."""
    units = network["hidden_size"]
    for kind, ways, bias in product(KINDS, (1, 2), (True, False)):
        width = {"rnn": 1, "lstm": 4, "gru": 3}[kind] * units
        shapes: list[tuple[int, ...]] = []  # as Keras documents them
        for depth in range(network["num_layers"]):
            inputs = network["input_size"] if depth == 0 else ways * units
            one_way = [(inputs, width), (units, width)]
            if bias:
                one_way.append((2, width) if kind == "gru" else (width,))
            shapes += ways * one_way
        asked = network | {"kind": kind, "bidirectional": ways == 2, "bias": bias}
        count = ask(submission, **asked, framework="keras")
        expect(count, sum(map(math.prod, shapes)), name="count")


@check(points=1, after=counts_a_projection, examples=5)
@given(network=PROJECTED)
def refuses_impossible_projections(submission: Submission, network: Network) -> None:
    """A projection that torch or Keras can't build raises ValueError."""
    hidden_size, proj_size = network["hidden_size"], network["proj_size"]
    for kind, size, framework in (
        ("gru", proj_size, "torch"),
        ("rnn", proj_size, "torch"),
        *((kind, proj_size, "keras") for kind in KINDS),
        ("lstm", hidden_size, "torch"),
        ("lstm", hidden_size + proj_size, "torch"),
    ):
        expect_error(
            submission["parameter_count"],
            kind,
            network["input_size"],
            hidden_size,
            proj_size=size,
            framework=framework,
            type="ValueError",
            when=f"kind is {kind!r}, hidden_size {hidden_size}, proj_size {size} and framework "
            f"{framework!r}",
        )
