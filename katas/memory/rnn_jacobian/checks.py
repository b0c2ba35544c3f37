"""Checks of `jacobian_norms`: how strongly the last state depends on each earlier one."""

from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

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

ARGUMENTS = ("w_hh", "hs")
DIMS = ("t",)


@dataclass(frozen=True)
class Case:
    """The arguments of one call, and a cotangent for its gradients."""

    w_hh: torch.Tensor  # (H, H)
    hs: torch.Tensor  # (T+1, H)
    cotangent: torch.Tensor  # (T,)

    @property
    def arguments(self) -> tuple[torch.Tensor, ...]:
        """The arguments in the order of the signature."""
        return self.w_hh, self.hs


def draw_case(source: Source, t: int, h: int) -> Case:
    """Draw weights that shrink every vector, and states that some input would lead to.

    The weights have norm 0.9, up to rounding to two decimals.
    """
    weights = source.normal(h, h)
    weights = (90 * weights / torch.linalg.matrix_norm(weights, ord=2)).round() / 100
    return Case(weights, source.uniform(t + 1, h, low=-0.9, high=0.9), source.normal(t))


@st.composite
def cases(
    draw: st.DrawFn, dtype: torch.dtype | None = None, shortest: int = 1, longest: int = 5
) -> Case:
    """Draw a case of a few steps; mostly more than one unit, where the order of factors matters."""
    t, h = draw(sizes(shortest, longest)), draw(st.sampled_from([1, 2, 3, 4, 2, 3]))
    return draw_case(draw(sources(dtype)), t, h)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two cases with the same sizes and dtype, and other numbers."""
    t, h, source = draw(sizes(1, 3)), draw(sizes(1, 3)), draw(sources())
    return draw_case(source, t, h), draw_case(source, t, h)


@st.composite
def rotations(draw: st.DrawFn) -> Case:
    """Draw 40 steps of a rotation, which neither stretches nor shrinks, close to the origin."""
    source: Source = draw(sources(torch.float64))
    h = draw(sizes(1, 4))
    rotation, _ = torch.linalg.qr(source.normal(h, h))
    return Case(rotation, source.uniform(41, h, low=-0.3, high=0.3), source.normal(40))


def norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the norms (T,) as autograd finds them, by running the network and going back.

    The inputs are chosen so that the network runs through exactly the states `hs`.
    """
    inputs = torch.atanh(hs[1:]) - hs[:-1] @ w_hh.T
    states = [hs[0] if hs.requires_grad else hs[0].clone().requires_grad_()]
    for u, h in zip(inputs, hs[1:], strict=True):
        state = torch.tanh(w_hh @ states[-1] + u)
        # Take the rounding error out again: where weights stretch, it would grow with every step.
        states.append(state + (h - state).detach())
    twice = hs.requires_grad
    rows = [
        torch.stack(torch.autograd.grad(unit, states[:-1], retain_graph=True, create_graph=twice))
        for unit in states[-1]
    ]
    return torch.linalg.matrix_norm(torch.stack(rows, dim=1), ord=2)


def oracle(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the norms (T,) in float64."""
    return norms(w_hh.double(), hs.double()).detach()


@check(points=1, examples=8)
@given(case=cases(dtype=torch.float64))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """T+1 states give T norms, in the dtype of the inputs."""
    for dtype in (torch.float32, torch.float64):
        answer = submission["jacobian_norms"](*(a.to(dtype) for a in case.arguments))
        expect(answer, case.cotangent, name="norms", dtype=dtype, values=False, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(pair=pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    case, other = pair
    first = submission["jacobian_norms"](*case.arguments)
    submission["jacobian_norms"](*other.arguments)
    again = submission["jacobian_norms"](*case.arguments)
    expect(again, first, name="norms of the repeated call", dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The arguments hold the same numbers after the call as before it."""
    _, afterwards = submission["jacobian_norms"].inputs(*case.arguments)
    for name, before, after in zip(ARGUMENTS, case.arguments, afterwards, strict=True):
        expect_true(torch.equal(before, after), f"{name} was changed by the call.")


@check(points=2, after=depends_on_its_arguments_alone, examples=25)
@given(case=cases())
def measures_one_step(submission: Submission, case: Case) -> None:
    """The last entry is the spectral norm of a single step, d h_T / d h_{T-1}."""
    answer = submission["jacobian_norms"](*case.arguments)
    want = oracle(case.w_hh, case.hs[-2:])
    name, dtype = "the last of the norms", case.hs.dtype
    expect(answer[-1:], want, name=name, dtype=dtype, terms=1.0)


@check(points=3, after=measures_one_step, examples=25)
@given(case=cases(shortest=2))
def matches_autograd(submission: Submission, case: Case) -> None:
    """Over several steps each entry is the norm of the Jacobian that autograd finds."""
    answer = submission["jacobian_norms"](*case.arguments)
    want = oracle(*case.arguments)
    expect(answer, want, name="norms", dtype=case.hs.dtype, terms=1.0, dims=DIMS)


@check(points=2, after=matches_autograd, examples=5)
@given(case=rotations())
def shrinks_and_grows(submission: Submission, case: Case) -> None:
    """Over 40 steps the norms vanish where the weights shrink and explode where they stretch."""
    for gain in (0.5, 2.0):
        w_hh = gain * case.w_hh
        answer = submission["jacobian_norms"](w_hh, case.hs)
        want = oracle(w_hh, case.hs)
        # Entry by entry, relative to what it should be: they differ by many powers of ten.
        name = f"norms / expected (‖w_hh‖ = {gain})"
        expect(answer / want, torch.ones_like(want), name=name, terms=40.0, dims=DIMS)


@check(points=1, after=(matches_autograd, leaves_inputs_unchanged), examples=15)
@given(case=cases(dtype=torch.float64, longest=3))
def gradients(submission: Submission, case: Case) -> None:
    """The norms can be differentiated with respect to the weights and to the states."""
    got = (
        submission["jacobian_norms"]
        .vjp(*case.arguments, cotangents=[case.cotangent], wrt=[0, 1])
        .gradients
    )
    leaves = [a.clone().requires_grad_() for a in case.arguments]
    want = gradients_of([norms(*leaves)], leaves, [case.cotangent])
    size = float(case.cotangent.abs().sum())
    for name, g, w in zip(ARGUMENTS, got, want, strict=True):
        expect_true(g is not None, f"No gradient reaches {name}.")
        # The direction of strongest stretch is known less well than its size.
        expect(g, w, name=f"gradient of {name}", dtype=torch.float64, terms=size, floor=1e4)
