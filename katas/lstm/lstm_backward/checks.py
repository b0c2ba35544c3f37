"""Checks of lstm_backward: torch's LSTM and its autograd, finite differences, linearity."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
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
    sizes,
    sources,
)

ARGUMENTS = ("x", "h0", "c0", "w_ih", "w_hh", "b")
GRADIENTS = ("dx", "dh0", "dc0", "dw_ih", "dw_hh", "db")
STATES, STATE = ("batch", "step", "unit"), ("batch", "unit")
AXES = {
    "dx": ("batch", "step", "input"),
    "dh0": STATE,
    "dc0": STATE,
    "dw_ih": ("row", "input"),
    "dw_hh": ("row", "unit"),
    "db": ("row",),
}


@dataclass(frozen=True)
class Case:
    """An LSTM layer, its inputs, and the gradients that arrive at its outputs."""

    x: np.ndarray  # (N, T, I)
    h0: np.ndarray  # (N, H)
    c0: np.ndarray  # (N, H)
    w_ih: np.ndarray  # (4H, I)
    w_hh: np.ndarray  # (4H, H)
    b: np.ndarray  # (4H,)
    dhs: np.ndarray  # (N, T, H)
    dc_last: np.ndarray  # (N, H)

    @property
    def arguments(self) -> tuple[np.ndarray, ...]:
        """What lstm_forward is called with."""
        return (self.x, self.h0, self.c0, self.w_ih, self.w_hh, self.b)


def draw_case(source: Source, n: int, steps: int, i: int, h: int) -> Case:
    """Draw a case of the given sizes: every state, bias and cotangent is non-zero."""
    return Case(
        x=source.normal(n, steps, i),
        h0=source.normal(n, h),
        c0=source.normal(n, h),
        w_ih=source.normal(4 * h, i),
        w_hh=source.normal(4 * h, h),
        b=source.normal(4 * h),
        dhs=source.normal(n, steps, h),
        dc_last=source.normal(n, h),
    )


@st.composite
def cases(
    draw: Callable,
    dtypes: tuple[type, ...] = (np.float32, np.float64),
    batches: tuple[int, ...] = (1, 3),
    steps: tuple[int, int] = (1, 4),
) -> Case:
    """Cases of a few sequences of a few steps."""
    n, t = draw(st.sampled_from(batches)), draw(sizes(*steps))
    i, h = draw(sizes(1, 3)), draw(sizes(1, 3))
    return draw_case(draw(sources(dtypes)), n, t, i, h)


@st.composite
def pairs(draw: Callable) -> tuple[Case, Case]:
    """Two float64 cases of the same sizes, of at least two steps; also a case and a direction."""
    n, steps = draw(st.sampled_from([1, 3])), draw(sizes(2, 4))
    i, h = draw(sizes(1, 3)), draw(sizes(1, 3))
    source = draw(sources(np.float64))
    return draw_case(source, n, steps, i, h), draw_case(source, n, steps, i, h)


@st.composite
def saturated_cases(draw: Callable) -> Case:
    """Cases whose biases of -1,000 or 1,000 drive every gate to one of its ends."""
    case = draw(cases())
    return replace(case, b=np.where(case.b < 0, -1000, 1000).astype(case.b.dtype))


def run_torch(arguments: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Return hs (N, T, H) and c_last (N, H) of torch's LSTM, in the arguments' dtype."""
    x, h0, c0, w_ih, w_hh, b = arguments
    weights = [w_ih, w_hh, b, torch.zeros_like(b)]
    hs, _, c_last = torch.lstm(x, (h0[None], c0[None]), weights, True, 1, 0.0, False, False, True)
    return hs, c_last[0]


def outputs(case: Case, dtype: type) -> tuple[np.ndarray, np.ndarray]:
    """Return torch's hs and c_last, computed in `dtype`."""
    hs, c_last = run_torch(tuple(torch.from_numpy(a.astype(dtype)) for a in case.arguments))
    return hs.numpy(), c_last.numpy()


def gradients(case: Case) -> dict[str, np.ndarray]:
    """Return autograd's gradients in float64."""
    leaves = tuple(torch.from_numpy(a.astype(np.float64)).requires_grad_() for a in case.arguments)
    cotangents = tuple(torch.from_numpy(a.astype(np.float64)) for a in (case.dhs, case.dc_last))
    found = gradients_of(run_torch(leaves), leaves, cotangents)
    return {name: gradient.numpy() for name, gradient in zip(GRADIENTS, found, strict=True)}


def size_of_terms(case: Case) -> float:
    """Bound the terms that a gradient sums: cotangents times the largest factor that they meet."""
    cotangent = max(np.abs(case.dhs).max(), np.abs(case.dc_last).max())
    largest = max(1.0, *(np.abs(a).max() for a in case.arguments[:-1]))
    return float(cotangent * largest * case.x.shape[0] * case.x.shape[1])


def cell_terms(case: Case) -> float:
    """Bound the cell state: what it starts with, and at most 1 more at every step."""
    return float(np.abs(case.c0).max()) + case.x.shape[1]


def forward(submission: Submission, case: Case) -> tuple[object, object, object]:
    """Return the learner's hs and c_last, and a handle of their cache."""
    answer = submission["lstm_forward"](*case.arguments, keep=(2,))
    return items(answer, "hs", "c_last", "cache")


def backward(
    submission: Submission, cache: object, dhs: np.ndarray, dc_last: np.ndarray
) -> dict[str, object]:
    """Return the learner's six gradients by name."""
    answer = submission["lstm_backward"](dhs, dc_last, cache)
    return dict(zip(GRADIENTS, items(answer, *GRADIENTS), strict=True))


@check(points=1, examples=6)
@given(case=cases(dtypes=(np.float32,), batches=(1, 5)))
def shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """Both functions return the right shapes, in the dtype of their inputs."""
    hs, c_last, cache = forward(submission, case)
    expect(hs, case.dhs, name="hs", dtype=np.float32, values=False, dims=STATES)
    expect(c_last, case.dc_last, name="c_last", dtype=np.float32, values=False, dims=STATE)
    got = backward(submission, cache, case.dhs, case.dc_last)
    for name, argument in zip(GRADIENTS, case.arguments, strict=True):
        expect(got[name], argument, name=name, dtype=np.float32, values=False, dims=AXES[name])


@check(points=2, after=shapes_and_dtypes, examples=15)
@given(case=cases())
def forward_matches_torch(submission: Submission, case: Case) -> None:
    """The hidden states and the last cell state are those of torch.nn.LSTM."""
    hs, c_last, _ = forward(submission, case)
    want, peer = outputs(case, np.float64), outputs(case, case.x.dtype)
    terms = cell_terms(case)
    expect(hs, want[0], name="hs", peer=peer[0], terms=terms, dims=STATES)
    expect(c_last, want[1], name="c_last", peer=peer[1], terms=terms, dims=STATE)


@check(points=3, after=forward_matches_torch, examples=18)
@given(case=cases(dtypes=(np.float64,)))
def input_gradients(submission: Submission, case: Case) -> None:
    """The gradients of x, h0 and c0 are those of autograd."""
    got = backward(submission, forward(submission, case)[2], case.dhs, case.dc_last)
    want = gradients(case)
    for name in ("dc0", "dh0", "dx"):
        expect(got[name], want[name], name=name, terms=size_of_terms(case), dims=AXES[name])


@check(points=2, after=input_gradients, examples=10)
@given(case=cases(dtypes=(np.float64,), batches=(2, 3)))
def weight_gradients(submission: Submission, case: Case) -> None:
    """The gradients of w_ih, w_hh and b are those of autograd."""
    got = backward(submission, forward(submission, case)[2], case.dhs, case.dc_last)
    want = gradients(case)
    for name in ("db", "dw_ih", "dw_hh"):
        expect(got[name], want[name], name=name, terms=size_of_terms(case), dims=AXES[name])


@check(points=1, after=shapes_and_dtypes, examples=5)
@given(pair=pairs())
def slope_of_own_forward(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Your backward pass predicts how your own forward pass changes when its inputs do."""
    step = 1e-6
    case, direction = pair[0], pair[1].arguments
    losses = []
    for sign in (1.0, -1.0):
        moved = (a + sign * step * d for a, d in zip(case.arguments, direction, strict=True))
        hs, c_last, _ = forward(submission, Case(*moved, case.dhs, case.dc_last))
        expect(hs, case.dhs, name="hs", values=False, dims=STATES)
        expect(c_last, case.dc_last, name="c_last", values=False, dims=STATE)
        losses.append((hs * case.dhs).sum() + (c_last * case.dc_last).sum())
    got = backward(submission, forward(submission, case)[2], case.dhs, case.dc_last)
    parts = []
    for name, towards in zip(GRADIENTS, direction, strict=True):
        expect(got[name], towards, name=name, values=False, dims=AXES[name])
        parts.append((got[name] * towards).sum())
    measured = (losses[0] - losses[1]) / (2 * step)
    # A central difference is off by about eps / step, 2e-10, of the loss's terms, and by step².
    allowed = 1e-7 * (1.0 + sum(map(abs, parts)))
    expect_true(
        abs(sum(parts) - measured) <= allowed,
        "lstm_backward does not predict how the loss changes when all inputs of lstm_forward are "
        "moved a little along a random direction",
        at="slope of the loss along that direction",
        expected=f"{measured:.6f} (measured on your own lstm_forward)",
        got=f"{sum(parts):.6f} (the six gradients times the direction)",
        allowed=f"{allowed:.1e}",
    )


@check(points=1, after=shapes_and_dtypes, examples=5)
@given(pair=pairs())
def leaves_no_trace(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Arguments stay as they were, and a cache may be used again, also after another forward."""
    case, other = pair
    answer, kept = submission["lstm_forward"].inputs(*case.arguments, keep=(2,))
    unchanged("lstm_forward", ARGUMENTS, case.arguments, kept)
    cache = items(answer, "hs", "c_last", "cache")[2]
    cotangents = (case.dhs, case.dc_last)
    first, kept = submission["lstm_backward"].inputs(*cotangents, cache)
    unchanged("lstm_backward", ("dhs", "dc_last"), cotangents, kept[:2])
    forward(submission, other)
    again = backward(submission, cache, *cotangents)
    for name, value in zip(GRADIENTS, items(first, *GRADIENTS), strict=True):
        for answer in (value, again[name]):
            like = getattr(case, name[1:])
            expect(answer, like, name=name, values=False, dims=AXES[name])
        expect_true(
            np.allclose(again[name], value, rtol=1e-9),
            f"{name} changed between two calls of lstm_backward with the same arguments, one "
            "before and one after an lstm_forward on other inputs",
            expected=str(value.tolist()),
            got=str(again[name].tolist()),
        )


def unchanged(
    function: str,
    names: tuple[str, ...],
    before: tuple[np.ndarray, ...],
    after: tuple[object, ...],
) -> None:
    """Expect every argument to be what it was."""
    for name, old, new in zip(names, before, after, strict=True):
        expect_true(
            np.array_equal(old, new),
            f"{function} changed its argument {name}",
            expected=str(old.tolist()),
            got=str(np.asarray(new).tolist()),
        )


@check(points=1, after=leaves_no_trace, examples=5)
@given(pair=pairs())
def linear_in_cotangents(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Gradients are linear: 1,000 times what arrives, plus something else, gives just that."""
    case, (dhs, dc_last) = pair[0], (pair[1].dhs, pair[1].dc_last)
    both = (1000.0 * case.dhs + dhs, 1000.0 * case.dc_last + dc_last)
    cache = forward(submission, case)[2]
    first = backward(submission, cache, case.dhs, case.dc_last)
    second = backward(submission, cache, dhs, dc_last)
    got = backward(submission, cache, *both)
    terms = 1000.0 * size_of_terms(case)
    for name in GRADIENTS:
        for part in (first, second):
            expect(part[name], getattr(case, name[1:]), name=name, values=False, dims=AXES[name])
        want = 1000.0 * first[name] + second[name]
        expect(got[name], want, name=name, terms=terms, dims=AXES[name])


@check(points=1, after=forward_matches_torch, examples=8)
@given(case=saturated_cases())
def stays_finite(submission: Submission, case: Case) -> None:
    """Pre-activations of -1,000 and 1,000 give finite states and finite gradients."""
    hs, c_last, cache = forward(submission, case)
    want, terms = outputs(case, np.float64), cell_terms(case)
    expect(hs, want[0], name="hs", terms=terms, dims=STATES)
    expect(c_last, want[1], name="c_last", terms=terms, dims=STATE)
    got = backward(submission, cache, case.dhs, case.dc_last)
    for name, like in zip(GRADIENTS, case.arguments, strict=True):
        expect(got[name], like, name=name, values=False, dims=AXES[name])
