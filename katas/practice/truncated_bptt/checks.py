"""Checks of `truncated_bptt`: a loss over a whole sequence, and its gradient cut every k steps."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import Case, Operation, Submission, check, expect, gradients_of, sizes, unequal
from grader.checks.sequences import counting, layer_weights, loud, run_lstm, saturated


def chunk_by_chunk(
    x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Run torch's LSTM over each chunk from a state that is constant there."""
    leaves = {name: weight.detach().clone().requires_grad_() for name, weight in weights.items()}
    h = c = torch.zeros_like(v[:, 0])
    loss, parts = torch.zeros_like(v[0, 0, 0]), []
    for inputs, cotangent in zip(x.split(k, dim=1), v.split(k, dim=1), strict=True):
        hs, h, c = run_lstm(inputs, h.detach(), c.detach(), *leaves.values())
        loss = loss + (cotangent * hs).sum().detach()
        parts.append(gradients_of([hs], [*leaves.values()], [cotangent]))
    return loss, {name: sum(of) for name, of in zip(leaves, zip(*parts, strict=True), strict=True)}


def terms(x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int) -> float:
    """Bound the sum of N T H products: of v, and of an input, a weight or a state."""
    return float((1.0 + max(x.max(), *(w.max() for w in weights.values()))) * v.sum())


BPTT = Operation(
    "truncated_bptt",
    takes={
        "x": ("N", "T", "I"),
        "v": ("N", "T", "H"),
        "weights": layer_weights(4),
        "k": sizes(1, 3),
    },
    gives={"loss": (), "grads": layer_weights(4)},
    reference=chunk_by_chunk,
    terms=terms,
    sizes=unequal("I", "H", N=(1, 3), T=(2, 3, 4, 5)),
)

keeps_shape_and_dtype = BPTT.keeps_shape_and_dtype(
    "The loss and the gradients have the right names and shapes, and the dtype of the inputs.",
    examples=5,
    cases=BPTT.cases(torch.float64, N=3, k=1),
)
depends_on_its_arguments_alone = BPTT.depends_on_its_arguments_alone(
    after=keeps_shape_and_dtype, examples=5
)
leaves_inputs_unchanged = BPTT.leaves_inputs_unchanged(
    "The arguments x, v and weights are not modified.", after=keeps_shape_and_dtype, examples=5
)


@check(points=2, after=(depends_on_its_arguments_alone, leaves_inputs_unchanged), examples=30)
@given(case=BPTT.cases(T=sizes(1, 5)))
def loss_of_whole_sequence(submission: Submission, case: Case) -> None:
    """The loss is that of the whole sequence, whatever k is."""
    turned = case.put(weights=dict(reversed(case.weights.items())))  # a dict goes by names
    loss, *_ = BPTT.ask(submission, *turned.values)
    want, *_ = BPTT.run(*case.to(torch.float64).values)
    (peer, *_), size = BPTT.run(*case.values), float(case.v.abs().sum())
    expect(loss, want, name="loss", dtype=case.dtype, peer=peer, terms=size)


@check(points=2, after=loss_of_whole_sequence, examples=14)
@given(
    case=BPTT.cases(torch.float64, T=sizes(2, 4), N=st.sampled_from([1, 3, 3])),
    beyond=st.sampled_from([0, 2]),
    size=st.sampled_from([1.0, 10.0, 10.0]),
)
def extremes(submission: Submission, case: Case, beyond: int, size: float) -> None:
    """With k >= T nothing is cut, and with k = 1 every step stands alone."""
    case = case.put(v=size * case.v)  # gradients above 1 too
    extreme = (case.put(k=case.x.shape[1] + beyond), case.put(k=1))
    for one in extreme:
        BPTT.ask(submission, *one.values)  # a diagnosis sees both, whichever is wrong
    for one in extreme:
        BPTT.expect_case(submission, one)


@check(points=1, after=loss_of_whole_sequence, examples=4)
@given(case=BPTT.cases(torch.float64))
def takes_the_parameters_of_a_model(submission: Submission, case: Case) -> None:
    """Weights that require gradients, as those of a model, get no .grad: a second call agrees."""
    x, v, weights, k = case.values
    _, kept = submission["truncated_bptt"](x, v, weights, k, keep=(1,))
    parameters = {  # tensors of the weights' shapes, of which the worker knows that they are leaves
        name: kept["__getitem__"](name, keep=True)["clone"](keep=True)["detach"](keep=True)
        for name in weights
    }
    for parameter in parameters.values():
        parameter["requires_grad_"](keep=True)
    first, again = (BPTT.ask(submission, x, v, parameters, k) for _ in range(2))
    for name, want, got in zip(weights, first[1:], again[1:], strict=True):
        expect(got, want, name=f"grads[{name!r}] of a second call", dtype=torch.float64)


matches_torch = BPTT.matches_reference(
    "Gradients are complete inside each chunk of k steps, and never cross into the one before.",
    name="matches_torch",
    points=3,
    after=extremes,
    examples=10,
    cases=BPTT.cases(torch.float64, T=sizes(3, 5), k=sizes(2, 3)),
)


def at_rest(case: Case) -> Case:
    """The same case with gates whose pre-activations are exactly 0: what is made of |a| is flat."""
    weights = {name: 0 * weight for name, weight in case.weights.items()}
    weights["bias_ih_l0"].view(4, -1)[2] = 0.7  # of the candidates
    return case.put(x=0 * case.x, weights=weights)


stays_finite_when_saturated = BPTT.stays_finite_when_saturated(
    "Pre-activations of 0 and ±1,000, cell states of 20 and large losses give right gradients.",
    cases=st.tuples(
        BPTT.cases(torch.float64, T=sizes(2, 4)).map(saturated),
        BPTT.cases(torch.float64, T=40, k=7).map(counting),
        BPTT.cases(torch.float64, T=sizes(2, 4)).map(loud),
        BPTT.cases(torch.float64, T=sizes(2, 4)).map(at_rest),
    ),
    after=extremes,
    examples=6,
)
