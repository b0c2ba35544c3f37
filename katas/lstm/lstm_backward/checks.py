"""Checks of `lstm_forward` and `lstm_backward`: an LSTM and its gradients, in NumPy."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given

from grader.checks import (
    Case,
    Operation,
    Submission,
    check,
    expect,
    expect_true,
    expect_unchanged,
    items,
    sizes,
    unequal,
)
from grader.checks.sequences import run_lstm


def by_torch(x: Any, h0: Any, c0: Any, w_ih: Any, w_hh: Any, b: Any) -> tuple[Any, Any]:
    """Run torch's LSTM, whose second bias is zero: hs (N, T, H) and c_last (N, H)."""
    hs, _, c_last = run_lstm(x, h0, c0, w_ih, w_hh, b, 0 * b)
    return hs, c_last


LSTM = Operation(
    "lstm_forward",
    takes={
        "x": ("N", "T", "I"),
        "h0": ("N", "H"),
        "c0": ("N", "H"),
        "w_ih": ("4H", "I"),
        "w_hh": ("4H", "H"),
        "b": ("4H",),
    },
    gives={"hs": ("N", "T", "H"), "c_last": ("N", "H")},
    keeps=("cache",),
    reference=by_torch,
    terms=lambda x, h0, c0, *weights: float(c0.max()) + x.shape[1],  # c grows by 1 a step at most
    sizes=unequal("I", "H", N=(1, 3), T=(1, 2, 3, 4)),
    dtypes=(np.float32, np.float64),
)


def backward(submission: Submission, case: Case, cache: object) -> dict[str, Any]:
    """Ask for the six gradients, by the names of the arguments."""
    answer = submission["lstm_backward"](*case.cotangents, cache)
    found = items(answer, *(f"d{name}" for name in case.arguments))
    return dict(zip(case.arguments, found, strict=True))


def expect_gradients(
    got: dict[str, Any], want: dict[str, Any], case: Case, *, values: bool = True
) -> None:
    """Hold the gradients in `want` against those of the submission."""
    cotangent = max(abs(c).max() for c in case.cotangents)
    largest = max(1.0, *(abs(a).max() for name, a in case.arguments.items() if name != "b"))
    terms = float(cotangent * largest * case.x.shape[0] * case.x.shape[1])
    for name, exact in want.items():
        form = {"name": f"d{name}", "dtype": case.dtype, "dims": LSTM.axes(name)}
        expect(got[name], exact, terms=terms, values=values, **form)


@check(points=1, examples=8)
@given(case=LSTM.cases(np.float64, N=5))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """Both functions return the right shapes, in the dtype of their inputs."""
    LSTM.expect_form(submission, case)
    for dtype in LSTM.dtypes:
        typed = case.to(dtype)
        *_, cache = LSTM.ask(submission, *typed.values)
        got = backward(submission, typed, cache)
        expect_gradients(got, typed.arguments, typed, values=False)


matches_torch = LSTM.matches_reference(
    "The hidden states and the last cell state are those of torch.nn.LSTM.",
    name="matches_torch",
    points=2,
    after=keeps_shape_and_dtype,
    examples=15,
)


@check(points=3, after=matches_torch, examples=18)
@given(case=LSTM.cases(np.float64))
def input_gradients(submission: Submission, case: Case) -> None:
    """The gradients of x, h0 and c0 are those of autograd."""
    *_, cache = LSTM.ask(submission, *case.values)
    want = LSTM.exact_gradients(case)
    asked = {name: want[name] for name in ("c0", "h0", "x")}
    expect_gradients(backward(submission, case, cache), asked, case)


@check(points=2, after=input_gradients, examples=10)
@given(case=LSTM.cases(np.float64, N=sizes(2, 3)))
def weight_gradients(submission: Submission, case: Case) -> None:
    """The gradients of w_ih, w_hh and b are those of autograd."""
    *_, cache = LSTM.ask(submission, *case.values)
    want = LSTM.exact_gradients(case)
    asked = {name: want[name] for name in ("b", "w_ih", "w_hh")}
    expect_gradients(backward(submission, case, cache), asked, case)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(pair=LSTM.pairs(np.float64, T=sizes(2, 4)))
def slope_of_own_forward(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Your backward pass predicts how your own forward pass changes when its inputs do."""
    case, direction = pair
    losses = []
    for step in (1e-6, -1e-6):
        moved = (a + step * direction.arguments[name] for name, a in case.arguments.items())
        outputs = LSTM.ask(submission, *moved)[:2]
        for name, got, like in zip(LSTM.outputs, outputs, case.cotangents, strict=True):
            expect(got, like, name=name, values=False, dims=LSTM.axes(name))
        losses.append(sum((a * v).sum() for a, v in zip(outputs, case.cotangents, strict=True)))
    *_, cache = LSTM.ask(submission, *case.values)
    gradients = backward(submission, case, cache)
    expect_gradients(gradients, case.arguments, case, values=False)
    parts = [(gradients[name] * direction.arguments[name]).sum() for name in gradients]
    measured = (losses[0] - losses[1]) / 2e-6
    # A central difference is off by about eps / step, 2e-10, of the loss's terms, and by step².
    allowed = 1e-7 * (1.0 + sum(map(abs, parts)))
    expect_true(
        abs(sum(parts) - measured) <= allowed,
        "lstm_backward does not predict how the loss changes when all inputs of lstm_forward are "
        "moved a little in a random direction.",
        at="slope of the loss in that direction",
        expected=f"{measured:.6f} (measured on your own lstm_forward)",
        got=f"{sum(parts):.6f} (the six gradients times the direction)",
        allowed=f"{allowed:.1e}",
    )


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(case=LSTM.cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The arguments of both functions are not modified."""
    LSTM.expect_inputs_unchanged(submission, case)
    *_, cache = LSTM.ask(submission, *case.values)
    _, (*afterwards, _) = submission["lstm_backward"].inputs(*case.cotangents, cache)
    expect_unchanged(dict(zip(("dhs", "dc_last"), case.cotangents, strict=True)), afterwards)


@check(points=1, after=keeps_shape_and_dtype, examples=5)
@given(pair=LSTM.pairs(np.float64, T=sizes(2, 4)))
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """A cache can be used twice, also after lstm_forward was called with other inputs."""
    case, other = pair
    *_, cache = LSTM.ask(submission, *case.values)
    first = backward(submission, case, cache)
    LSTM.ask(submission, *other.values)
    expect_gradients(backward(submission, case, cache), first, case)


@check(points=1, after=(leaves_inputs_unchanged, depends_on_its_arguments_alone), examples=5)
@given(pair=LSTM.pairs(np.float64, T=sizes(2, 4)))
def linear_in_cotangents(submission: Submission, pair: tuple[Case, Case]) -> None:
    """Gradients are linear in dhs and dc_last: a million times one plus another gives just that."""
    case, other = pair
    both = tuple(1e6 * a + b for a, b in zip(case.cotangents, other.cotangents, strict=True))
    *_, cache = LSTM.ask(submission, *case.values)
    one = backward(submission, case, cache)
    another = backward(submission, replace(case, cotangents=other.cotangents), cache)
    mixed = replace(case, cotangents=both)
    got = backward(submission, mixed, cache)
    for part in (one, another):
        expect_gradients(part, case.arguments, case, values=False)
    want = {name: 1e6 * one[name] + another[name] for name in one}
    expect_gradients(got, want, mixed)


@check(points=1, after=weight_gradients, examples=8)
@given(case=LSTM.cases(np.float64), far=LSTM.cases(np.float64))
def stays_finite_when_saturated(submission: Submission, case: Case, far: Case) -> None:
    """With pre-activations of ±1,000, or a large h0 or c0, states and gradients are right."""
    saturated = case.put(b=1000 * np.sign(case.b))
    # With small weights: a large h0 does not saturate the gates, and its gradient can be seen.
    far_h0 = far.put(h0=100 * far.h0, w_hh=0.01 * far.w_hh)
    for extreme in (saturated, saturated.to(np.float32), far.put(c0=100 * far.c0), far_h0):
        *_, cache = LSTM.expect_case(submission, extreme, peer=False)
        want = LSTM.exact_gradients(extreme.to(np.float64))
        expect_gradients(backward(submission, extreme, cache), want, extreme)
