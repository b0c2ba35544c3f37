"""Checks of truncated_bptt: torch's LSTM, run chunk by chunk from states that it has no part in."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Source,
    Submission,
    check,
    expect,
    expect_true,
    gradients_of,
    items,
    kind_of,
    sizes,
    sources,
)

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
AXES = (("row", "input"), ("row", "unit"), ("row",), ("row",))


@dataclass(frozen=True)
class Case:
    """A sequence batch, the weights of its loss, an LSTM layer, and the chunk length."""

    x: Tensor  # (N, T, I)
    v: Tensor  # (N, T, H)
    weights: dict[str, Tensor]
    k: int

    @property
    def arguments(self) -> tuple[Tensor, Tensor, dict[str, Tensor], int]:
        """What truncated_bptt is called with."""
        return (self.x, self.v, self.weights, self.k)


def draw_case(source: Source, n: int, steps: int, i: int, h: int, k: int) -> Case:
    """Draw a case of the given sizes."""
    weights = {
        "weight_ih_l0": source.normal(4 * h, i),
        "weight_hh_l0": source.normal(4 * h, h),
        "bias_ih_l0": source.normal(4 * h),
        "bias_hh_l0": source.normal(4 * h),
    }
    return Case(source.normal(n, steps, i), source.normal(n, steps, h), weights, k)


@st.composite
def cases(
    draw: Callable,
    dtype: torch.dtype | None = None,
    steps: tuple[int, int] = (2, 5),
    k: tuple[int, int] = (1, 3),
) -> Case:
    """Cases of 1 or 3 sequences with 1 to 3 inputs and units."""
    n, t = draw(st.sampled_from([1, 3])), draw(sizes(*steps))
    i, h = draw(sizes(1, 3)), draw(sizes(1, 3))
    chunk = draw(sizes(*k))
    return draw_case(draw(sources(dtype)), n, t, i, h, chunk)


def run_torch(
    x: Tensor, weights: list[Tensor], h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Run torch's LSTM; returns hs (N, T, H) and the last h and c, (N, H)."""
    hs, h, c = torch.lstm(x, (h[None], c[None]), weights, True, 1, 0.0, False, False, True)
    return hs, h[0], c[0]


def loss_in(case: Case, dtype: torch.dtype) -> Tensor:
    """Return the loss of the whole sequence, computed in `dtype`."""
    weights = [case.weights[name].to(dtype) for name in NAMES]
    zero = torch.zeros_like(case.v[:, 0], dtype=dtype)
    with torch.no_grad():
        hs, _, _ = run_torch(case.x.to(dtype), weights, zero, zero)
    return (case.v.to(dtype) * hs).sum()


def gradients(case: Case) -> dict[str, Tensor]:
    """Return the truncated gradients in float64: of each chunk alone, from a given state."""
    leaves = [case.weights[name].double().requires_grad_() for name in NAMES]
    h = c = torch.zeros_like(case.v[:, 0], dtype=torch.float64)
    totals = [torch.zeros_like(leaf) for leaf in leaves]
    for x, v in zip(
        case.x.double().split(case.k, 1), case.v.double().split(case.k, 1), strict=True
    ):
        hs, h, c = run_torch(x, leaves, h, c)
        for total, part in zip(totals, gradients_of((hs,), leaves, (v,)), strict=True):
            total += part
        h, c = h.detach(), c.detach()
    return dict(zip(NAMES, totals, strict=True))


def answer_of(submission: Submission, case: Case) -> tuple[object, dict[str, object]]:
    """Return the learner's loss and gradients, once the latter are known to be the right dict."""
    return checked(submission["truncated_bptt"](*case.arguments))


def checked(answer: object) -> tuple[object, dict[str, object]]:
    """Take an answer apart."""
    loss, grads = items(answer, "loss", "grads")
    expect_true(isinstance(grads, dict), f"grads is {kind_of(grads)}, expected a dict")
    got, want = sorted(map(str, grads)), sorted(NAMES)
    expect_true(got == want, "grads has other names than weights", expected=str(want), got=str(got))
    return loss, grads


def expect_gradients(got: dict[str, object], case: Case) -> None:
    """Compare gradients with autograd's."""
    want = gradients(case)
    largest = max(w.abs().max().item() for w in (case.x, *case.weights.values()))
    terms = (1.0 + largest) * case.v.abs().max().item() * case.x.shape[0] * case.x.shape[1]
    for name, axes in zip(NAMES, AXES, strict=True):
        expect(got[name], want[name], name=f"grads['{name}']", terms=terms, dims=axes)


@check(points=1, examples=5)
@given(case=cases(dtype=torch.float64, k=(1, 1)))
def shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """Loss and gradients have the right names, shapes and dtype."""
    for dtype in (torch.float32, torch.float64):
        weights = {name: weight.to(dtype) for name, weight in case.weights.items()}
        case = replace(case, x=case.x.to(dtype), v=case.v.to(dtype), weights=weights)
        loss, grads = answer_of(submission, case)
        expect(loss, case.x.sum(), name="loss", dtype=dtype, values=False)
        for name, axes in zip(NAMES, AXES, strict=True):
            label = f"grads['{name}']"
            expect(grads[name], weights[name], name=label, dtype=dtype, values=False, dims=axes)


@st.composite
def pairs(draw: Callable) -> tuple[Case, Case]:
    """Two float64 cases of the same sizes."""
    n, steps = draw(st.sampled_from([1, 3])), draw(sizes(2, 4))
    i, h, k = draw(sizes(1, 3)), draw(sizes(1, 3)), draw(sizes(1, 2))
    source = draw(sources(torch.float64))
    return draw_case(source, n, steps, i, h, k), draw_case(source, n, steps, i, h, k)


@check(points=1, after=shapes_and_dtypes, examples=5)
@given(pair=pairs())
def leaves_no_trace(submission: Submission, pair: tuple[Case, Case]) -> None:
    """No argument is changed, and no call depends on the calls before it."""
    case, other = pair
    answer, (x, v, weights, _) = submission["truncated_bptt"].inputs(*case.arguments)
    before = {"x": case.x, "v": case.v} | case.weights
    for name, new in ({"x": x, "v": v} | weights).items():
        old = before[name]
        expect_true(
            torch.equal(new, old),
            f"truncated_bptt changed its argument {name}",
            expected=str(old.tolist()),
            got=str(new.tolist()),
        )
    answer_of(submission, other)
    loss, grads = answer_of(submission, case)
    first_loss, first_grads = checked(answer)
    grads, first = grads | {"loss": loss}, first_grads | {"loss": first_loss}
    for name, again in grads.items():
        expect(again, first[name], name=f"{name} of a second, equal call", terms=1e3)


@check(points=2, after=leaves_no_trace, examples=30)
@given(case=cases(steps=(1, 5)))
def loss_of_whole_sequence(submission: Submission, case: Case) -> None:
    """Chunks change the gradient alone: the loss is that of the whole sequence."""
    loss, _ = answer_of(submission, case)
    expect(
        loss,
        loss_in(case, torch.float64),
        name="loss",
        dtype=case.x.dtype,
        peer=loss_in(case, case.x.dtype),
        terms=case.v.abs().sum().item(),
    )


@check(points=2, after=loss_of_whole_sequence, examples=8)
@given(case=cases(dtype=torch.float64, steps=(2, 4)), beyond=st.sampled_from([0, 2]))
def extremes(submission: Submission, case: Case, beyond: int) -> None:
    """With k >= T nothing is cut, and with k = 1 every step stands alone."""
    long, short = replace(case, k=case.x.shape[1] + beyond), replace(case, k=1)
    # Both are called before either is compared, so that a diagnosis sees both.
    (_, of_long), (_, of_short) = answer_of(submission, long), answer_of(submission, short)
    expect_gradients(of_long, long)
    expect_gradients(of_short, short)


@check(points=3, after=extremes, examples=10)
@given(case=cases(dtype=torch.float64, steps=(3, 5), k=(2, 3)))
def gradients_stop_at_chunks(submission: Submission, case: Case) -> None:
    """Gradients are complete inside each chunk of k steps, and never cross into the one before."""
    expect_gradients(answer_of(submission, case)[1], case)


@check(points=1, after=extremes, examples=6)
@given(case=cases(dtype=torch.float64, steps=(2, 4)))
def stays_finite(submission: Submission, case: Case) -> None:
    """Pre-activations of -1,000 and 1,000 give finite gradients."""
    bias = case.weights["bias_ih_l0"]
    bias = 1000.0 * torch.where(bias < 0, -1.0, 1.0).to(bias.dtype)
    case = replace(case, weights=case.weights | {"bias_ih_l0": bias})
    expect_gradients(answer_of(submission, case)[1], case)
