"""Checks of `parameter_count`: torch's real modules, and the array shapes of Keras."""

import math
from dataclasses import dataclass, replace

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, expect, expect_true, sizes

TORCH_MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
KINDS = tuple(TORCH_MODULES)


@dataclass(frozen=True)
class Network:
    """What is counted."""

    kind: str
    input_size: int
    hidden_size: int
    num_layers: int = 1
    bidirectional: bool = False
    bias: bool = True
    proj_size: int = 0

    @property
    def options(self) -> dict[str, int | bool]:
        """The arguments that have a default."""
        return {
            "num_layers": self.num_layers,
            "bidirectional": self.bidirectional,
            "bias": self.bias,
            "proj_size": self.proj_size,
        }


@st.composite
def plain_layers(draw) -> Network:
    """One layer whose input and hidden sizes differ, so that the two can't be mistaken."""
    hidden_size = draw(sizes(1, 40))
    input_size = draw(sizes(1, 40).filter(lambda size: size != hidden_size))
    return Network(draw(st.sampled_from(KINDS)), input_size, hidden_size)


@st.composite
def stacks(draw, *, kinds: tuple[str, ...] = KINDS) -> Network:
    """Two to four layers, with and without biases."""
    layer = draw(plain_layers())
    layers, bias = draw(sizes(2, 4)), draw(st.booleans())
    return replace(layer, kind=draw(st.sampled_from(kinds)), num_layers=layers, bias=bias)


@st.composite
def two_directions(draw) -> Network:
    """One to four layers that read both ways."""
    return replace(draw(stacks()), num_layers=draw(sizes(1, 4)), bidirectional=True)


@st.composite
def projected(draw) -> Network:
    """LSTMs with a projection; 1 <= P < H."""
    network = draw(stacks(kinds=("lstm",)))
    hidden_size = network.hidden_size + 1
    return replace(
        network,
        hidden_size=hidden_size,
        proj_size=draw(sizes(1, hidden_size - 1)),
        num_layers=draw(sizes(1, 3)),
        bidirectional=draw(st.booleans()),
    )


def torch_count(network: Network) -> int:
    """Count what the real module holds; the device "meta" spares the memory."""
    # RNN and GRU refuse the name proj_size, even for 0.
    options = {name: value for name, value in network.options.items() if value or name == "bias"}
    module = TORCH_MODULES[network.kind](
        network.input_size, network.hidden_size, device="meta", **options
    )
    return sum(parameter.numel() for parameter in module.parameters())


def keras_count(network: Network) -> int:
    """Sum the arrays that a Keras layer's documentation lists, layer by layer and way by way."""
    units, width = network.hidden_size, {"rnn": 1, "lstm": 4, "gru": 3}[network.kind]
    bias_shape = (2, width * units) if network.kind == "gru" else (width * units,)
    ways = 1 + network.bidirectional
    shapes: list[tuple[int, ...]] = []
    for layer in range(network.num_layers):
        inputs = network.input_size if layer == 0 else ways * units
        one_way = [(inputs, width * units), (units, width * units)]
        one_way += [bias_shape] if network.bias else []
        shapes += ways * one_way
    return sum(map(math.prod, shapes))


def expect_torch_count(submission: Submission, network: Network) -> None:
    """Ask for torch's count of a network and compare."""
    count = submission["parameter_count"](
        network.kind,
        network.input_size,
        network.hidden_size,
        **network.options,
    )
    expect(count, torch_count(network), name="count")


@check(points=2, examples=30)
@given(network=plain_layers())
def counts_one_torch_layer(submission: Submission, network: Network) -> None:
    """One layer in one direction counts as torch.nn.RNN, LSTM and GRU do."""
    count = submission["parameter_count"](network.kind, network.input_size, network.hidden_size)
    expect(count, torch_count(network), name="count")


@check(points=1, after=counts_one_torch_layer, examples=15)
@given(network=plain_layers())
def counts_without_bias(submission: Submission, network: Network) -> None:
    """With bias=False only the matrices are counted."""
    expect_torch_count(submission, replace(network, bias=False))


@check(points=1, after=counts_without_bias, examples=15)
@given(network=stacks())
def counts_a_stack(submission: Submission, network: Network) -> None:
    """Layers above the first count what really arrives from below."""
    expect_torch_count(submission, network)


@check(points=1, after=counts_a_stack, examples=20)
@given(network=two_directions())
def counts_both_directions(submission: Submission, network: Network) -> None:
    """Bidirectional stacks count as torch's do."""
    expect_torch_count(submission, network)


@check(points=1, after=counts_both_directions, examples=25)
@given(network=projected())
def counts_a_projection(submission: Submission, network: Network) -> None:
    """With proj_size, an LSTM counts as torch's does."""
    expect_torch_count(submission, network)


@check(points=2, after=counts_both_directions, examples=25)
@given(network=stacks().flatmap(lambda net: st.sampled_from([net, replace(net, num_layers=1)])))
def counts_keras_layers(submission: Submission, network: Network) -> None:
    """With framework="keras" the counts are those of keras.layers.SimpleRNN, LSTM and GRU."""
    for bidirectional in (False, True):
        network = replace(network, bidirectional=bidirectional)
        count = submission["parameter_count"](
            network.kind,
            network.input_size,
            network.hidden_size,
            num_layers=network.num_layers,
            bidirectional=bidirectional,
            bias=network.bias,
            framework="keras",
        )
        expect(count, keras_count(network), name="count")


@check(points=1, after=counts_a_projection, examples=5)
@given(network=projected())
def refuses_impossible_projections(submission: Submission, network: Network) -> None:
    """Projections that torch or Keras can't build raise ValueError."""
    hidden_size = network.hidden_size
    impossible = {
        "torch's GRU has no projection": ("gru", network.proj_size, "torch"),
        "torch's RNN has no projection": ("rnn", network.proj_size, "torch"),
        "Keras has no projection": ("lstm", network.proj_size, "keras"),
        "proj_size must be smaller than hidden_size": ("lstm", hidden_size, "torch"),
    }
    for reason, (kind, proj_size, framework) in impossible.items():
        error = submission["parameter_count"].error(
            kind,
            network.input_size,
            hidden_size,
            proj_size=proj_size,
            framework=framework,
        )
        got = "a number came back" if error is None else f"got {error.type}"
        expect_true(
            error is not None and error.type == "ValueError",
            f"{reason}: expected a ValueError for kind={kind!r}, hidden_size={hidden_size}, "
            f"proj_size={proj_size}, framework={framework!r}; {got}",
        )
