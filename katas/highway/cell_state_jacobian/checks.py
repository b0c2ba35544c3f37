"""Checks of cell_state_jacobian: autograd through torch's LSTM, and what the theory says of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

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
    sizes,
    sources,
)

ENTRIES = ("c_T unit", "c_0 unit")


@dataclass(frozen=True)
class Case:
    """One sequence and an LSTM cell, in the order of full_jacobian's arguments."""

    xs: Tensor  # (T, I)
    h0: Tensor  # (H,)
    c0: Tensor  # (H,)
    w_ih: Tensor  # (4H, I)
    w_hh: Tensor  # (4H, H)
    b_ih: Tensor  # (4H,)
    b_hh: Tensor  # (4H,)

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        """What full_jacobian is called with."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def to(self, dtype: torch.dtype) -> "Case":
        """The same case in another dtype."""
        return Case(*(a.to(dtype) for a in self.arguments))


def draw_case(source: Source, steps: int, i: int, h: int) -> Case:
    """Draw a case of the given sizes."""
    return Case(
        xs=source.normal(steps, i),
        h0=source.normal(h),
        c0=source.normal(h),
        w_ih=source.normal(4 * h, i),
        w_hh=source.normal(4 * h, h),
        b_ih=source.normal(4 * h),
        b_hh=source.normal(4 * h),
    )


@st.composite
def cases(
    draw: Callable, dtype: torch.dtype | None = None, steps: tuple[int, int] = (1, 5)
) -> Case:
    """Cases of a few steps, inputs and units."""
    t, i, h = draw(sizes(*steps)), draw(sizes(1, 3)), draw(sizes(1, 4))
    return draw_case(draw(sources(dtype)), t, i, h)


@st.composite
def gates(
    draw: Callable, dtype: torch.dtype | None = None, steps: tuple[int, int] = (1, 6)
) -> Tensor:
    """Forget gates (T, H), between 0.5 and 1, so that no product hides what is in it."""
    t, h = draw(sizes(*steps)), draw(sizes(1, 4))
    source: Source = draw(sources(dtype))
    return source.uniform(t, h, low=0.5, high=0.99)


@st.composite
def pulled(draw: Callable) -> tuple[Case, Tensor]:
    """A float64 case of two to four steps, and a cotangent (H, H) for its Jacobian."""
    t, i, h = draw(sizes(2, 4)), draw(sizes(1, 3)), draw(sizes(1, 3))
    source: Source = draw(sources(torch.float64))
    return draw_case(source, t, i, h), source.normal(h, h)


def jacobian(case: Case) -> Tensor:
    """Return d c_T / d c_0, (H, H), by autograd, in the case's dtype.

    The sequence is run once for each unit of c_T, side by side in one batch, so that a single
    backward pass gives all rows.
    """
    size = case.c0.shape[0]
    c0 = case.c0.repeat(size, 1).requires_grad_()
    h0, xs = case.h0.repeat(size, 1), case.xs.repeat(size, 1, 1)
    weights = (case.w_ih, case.w_hh, case.b_ih, case.b_hh)
    state = (h0[None], c0[None])
    _, _, c = torch.lstm(xs, state, weights, True, 1, 0.0, False, False, True)
    return gradients_of((c[0],), (c0,), (torch.eye(size, dtype=c.dtype),))[0]


def jacobian_with_graph(arguments: tuple[Tensor, ...]) -> Tensor:
    """Return d c_T / d c_0, (H, H), from a cell written out: it can be differentiated again."""
    xs, h, c, w_ih, w_hh, b_ih, b_hh = arguments
    start = c
    for x in xs:
        i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    rows = [torch.autograd.grad(entry, start, create_graph=True)[0] for entry in c]
    return torch.stack(rows)


def terms_of(case: Case) -> float:
    """Bound the terms of a product of T Jacobians: each step multiplies by at most so much."""
    case = case.to(torch.float64)
    size = case.c0.shape[0]
    largest_c = case.c0.abs().max().item() + case.xs.shape[0]
    through_gates = 0.25 * size * case.w_hh.abs().max().item() * (largest_c + 4.0)
    return min((1.0 + through_gates) ** min(case.xs.shape[0] - 1, 2), 1e4)


@check(points=1, examples=6)
@given(case=cases(dtype=torch.float64))
def shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """direct_path returns (H,) and full_jacobian (H, H), in the dtype of their arguments."""
    for dtype in (torch.float32, torch.float64):
        case = case.to(dtype)
        size = case.c0.shape[0]
        path = submission["direct_path"](case.c0.sigmoid().repeat(size + 1, 1))
        expect(path, case.c0, name="direct path", dtype=dtype, values=False, dims=("unit",))
        full = submission["full_jacobian"](*case.arguments)
        like = case.w_hh[:size]
        expect(full, like, name="full Jacobian", dtype=dtype, values=False, dims=ENTRIES)


@check(points=1, after=shapes_and_dtypes, examples=12)
@given(f=gates())
def direct_path_is_the_product(submission: Submission, f: Tensor) -> None:
    """The direct path is the product of all T forget gates, unit by unit."""
    got = submission["direct_path"](f)
    want = torch.ones(f.shape[1], dtype=torch.float64)
    for row in f.double():
        want = want * row
    expect(got, want, name="direct path", dims=("unit",))


@check(points=2, after=direct_path_is_the_product, examples=6)
@given(case=cases(dtype=torch.float64, steps=(2, 4)))
def equal_without_recurrence(submission: Submission, case: Case) -> None:
    """If w_hh = 0, and also if T = 1, the full Jacobian is the direct path and nothing else."""
    cut, short = replace(case, w_hh=torch.zeros_like(case.w_hh)), replace(case, xs=case.xs[:1])
    for which, label in ((cut, "w_hh = 0"), (short, "T = 1")):
        size = which.c0.shape[0]
        rows = which.xs @ which.w_ih.T + which.b_ih + which.b_hh + which.w_hh @ which.h0
        f = rows[:, size : 2 * size].sigmoid()
        path = submission["direct_path"](f)
        full = submission["full_jacobian"](*which.arguments)
        expect(path, f.prod(dim=0), name=f"direct path where {label}", dims=("unit",))
        want = torch.diag(f.prod(dim=0))
        expect(full, want, name=f"full Jacobian where {label}", terms=1.0, dims=ENTRIES)


@check(points=4, after=equal_without_recurrence, examples=20)
@given(case=cases())
def full_jacobian_is_autograds(submission: Submission, case: Case) -> None:
    """The full Jacobian is the one that autograd finds through torch.nn.LSTM."""
    got = submission["full_jacobian"](*case.arguments)
    want, peer = jacobian(case.to(torch.float64)), jacobian(case)
    terms = terms_of(case)
    expect(got, want, name="full Jacobian", peer=peer, terms=terms, dims=ENTRIES)


@check(points=1, after=shapes_and_dtypes, examples=5)
@given(case=cases(dtype=torch.float64), f=gates(dtype=torch.float64))
def leaves_arguments_alone(submission: Submission, case: Case, f: Tensor) -> None:
    """No tensor that is passed in is changed."""
    _, kept = submission["direct_path"].inputs(f)
    unchanged("direct_path", ("f",), (f,), kept)
    _, kept = submission["full_jacobian"].inputs(*case.arguments)
    names = tuple(field.name for field in fields(case))
    unchanged("full_jacobian", names, case.arguments, kept)


def unchanged(
    function: str, names: tuple[str, ...], before: tuple[Tensor, ...], after: tuple[Tensor, ...]
) -> None:
    """Expect every argument to be what it was."""
    for name, old, new in zip(names, before, after, strict=True):
        expect_true(
            torch.equal(old, new),
            f"{function} changed its argument {name}",
            expected=str(old.tolist()),
            got=str(new.tolist()),
        )


@check(points=1, after=(direct_path_is_the_product, leaves_arguments_alone), examples=6)
@given(f=gates(dtype=torch.float64, steps=(2, 5)))
def direct_path_survives_a_closed_gate(submission: Submission, f: Tensor) -> None:
    """Where a forget gate is exactly 0 the path is 0, and its gradient is still right."""
    f = f.clone()
    f[1, 0] = 0.0
    pull = torch.arange(1.0, f.shape[1] + 1.0, dtype=f.dtype)
    value, (got,) = submission["direct_path"].vjp(f, cotangents=[pull], wrt=[0])
    expect(value, f.prod(dim=0), name="direct path", terms=1.0, dims=("unit",))
    want = torch.stack(
        [pull * torch.cat([f[:t], f[t + 1 :]]).prod(dim=0) for t in range(f.shape[0])]
    )
    expect_true(got is not None, "no gradient reaches f")
    expect(got, want, name="gradient of f", dims=("step", "unit"))


@check(points=1, after=(full_jacobian_is_autograds, leaves_arguments_alone), examples=5)
@given(case_and_pull=pulled())
def full_jacobian_is_differentiable(
    submission: Submission, case_and_pull: tuple[Case, Tensor]
) -> None:
    """Gradients pass through the full Jacobian to every argument, so that it can be trained."""
    case, pull = case_and_pull
    got = (
        submission["full_jacobian"]
        .vjp(*case.arguments, cotangents=[pull], wrt=list(range(7)))
        .gradients
    )
    leaves = tuple(a.clone().requires_grad_() for a in case.arguments)
    want = gradients_of((jacobian_with_graph(leaves),), leaves, (pull,))
    terms = 10.0 * terms_of(case) * max(1.0, *(a.abs().max().item() for a in case.arguments))
    for field, ours, wanted in zip(fields(case), got, want, strict=True):
        expect_true(ours is not None, f"no gradient reaches {field.name}")
        expect(ours, wanted, name=f"gradient of {field.name}", terms=terms)


@check(points=1, after=full_jacobian_is_autograds, examples=6)
@given(case=cases(dtype=torch.float64))
def stays_finite(submission: Submission, case: Case) -> None:
    """Pre-activations of -1,000 and 1,000 give a finite Jacobian."""
    bias = torch.where(case.b_ih < 0, -1000.0, 1000.0).to(case.b_ih.dtype)
    case = replace(case, b_ih=bias)
    got = submission["full_jacobian"](*case.arguments)
    expect(got, jacobian(case), name="full Jacobian", terms=1.0, dims=ENTRIES)
