"""Checks of `gru_cell`: one step of a gated recurrent unit, in torch's form."""

from dataclasses import dataclass, replace

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

ARGUMENTS = ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")
DIMS = ("batch", "unit")
# (I, H): mostly unequal and above 1, where transposed or interleaved blocks show.
SIZES = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))


@dataclass(frozen=True)
class Case:
    """The arguments of one step, more inputs to go on with, and a cotangent for gradients.

    The biases and the first state are never zero: with zeros, two forms of the GRU look alike.
    """

    x: torch.Tensor  # (N, I)
    h: torch.Tensor  # (N, H)
    w_ih: torch.Tensor  # (3H, I)
    w_hh: torch.Tensor  # (3H, H)
    b_ih: torch.Tensor  # (3H,)
    b_hh: torch.Tensor  # (3H,)
    later: torch.Tensor  # (T, N, I)
    cotangent: torch.Tensor  # (N, H)

    @property
    def arguments(self) -> tuple[torch.Tensor, ...]:
        """The arguments in the order of the signature."""
        return self.x, self.h, self.w_ih, self.w_hh, self.b_ih, self.b_hh

    def variant(self, n: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        """The arguments for the first `n` sequences of the batch alone, in another dtype."""
        x, h, *weights = (a.to(dtype) for a in self.arguments)
        return x[:n], h[:n], *weights

    def with_block(self, block: int, value: torch.Tensor | float) -> "Case":
        """The same case with one block (0: r, 1: z, 2: n) of both biases set to `value`."""
        b_ih, b_hh = self.b_ih.clone(), self.b_hh.clone()
        b_ih.view(3, -1)[block] = value
        b_hh.view(3, -1)[block] = value
        return replace(self, b_ih=b_ih, b_hh=b_hh)


def draw_case(source: Source, n: int, i: int, h: int, t: int = 0) -> Case:
    """Draw one case; weights are halved so that few units saturate and hide a mistake."""
    return Case(
        x=source.normal(n, i),
        h=source.normal(n, h),
        w_ih=source.normal(3 * h, i, scale=0.5),
        w_hh=source.normal(3 * h, h, scale=0.5),
        b_ih=source.normal(3 * h),
        b_hh=source.normal(3 * h),
        later=source.normal(t, n, i),
        cotangent=source.normal(n, h),
    )


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None, n: int | None = None) -> Case:
    """Draw a case with a batch of one or three, or of `n`, and up to two later inputs."""
    n = n or draw(st.sampled_from([1, 3]))
    i, h = draw(st.sampled_from(SIZES))
    t = draw(sizes(0, 2))
    return draw_case(draw(sources(dtype)), n, i, h, t)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two cases with the same sizes and dtype, and other numbers."""
    n, (i, h) = draw(st.sampled_from([1, 3])), draw(st.sampled_from(SIZES))
    source = draw(sources())
    return draw_case(source, n, i, h), draw_case(source, n, i, h)


@st.composite
def saturated(draw: st.DrawFn) -> Case:
    """Draw a case in which the biases carry one block far into the flat ends."""
    case, block = draw(cases()), draw(sizes(0, 2))
    return case.with_block(block, 450.0 * case.b_ih.view(3, -1)[block].sign())


def oracle(*arguments: torch.Tensor) -> torch.Tensor:
    """Return the step of torch.nn.GRUCell in float64, (N, H)."""
    return torch.gru_cell(*(a.double() for a in arguments))


def terms(*arguments: torch.Tensor) -> float:
    """Return the size of the largest sum of terms, the state and the 1 of the gates among them."""
    x, h, w_ih, w_hh, b_ih, b_hh = (a.double().abs() for a in arguments)
    return 1.0 + float((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).max()) + float(h.max())


@check(points=1, examples=8)
@given(case=cases(dtype=torch.float64, n=3))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """The new h has shape (N, H), also for a batch of one, and the dtype of the inputs."""
    for n in (1, 3):
        for dtype in (torch.float32, torch.float64):
            arguments = case.variant(n, dtype)
            h = submission["gru_cell"](*arguments)
            like = arguments[1].double()
            expect(h, like, name="h", dtype=dtype, values=False, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(pair=pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    case, other = pair
    first = submission["gru_cell"](*case.arguments)
    submission["gru_cell"](*other.arguments)
    again = submission["gru_cell"](*case.arguments)
    expect(again, first, name="h of the repeated call", terms=1.0, dims=DIMS)


@check(points=1, after=depends_on_its_arguments_alone, examples=15)
@given(case=cases(dtype=torch.float64))
def keeps_h_where_z_is_1(submission: Submission, case: Case) -> None:
    """Where the update gate z is 1, the new h is the old h."""
    # Either bias alone is enough for z = 1, so that a forgotten one is left to the next check.
    held = case.with_block(1, 60.0)
    h = submission["gru_cell"](*held.arguments)
    expect(h, case.h, name="h", dtype=case.h.dtype, terms=terms(*case.arguments), dims=DIMS)


@check(points=3, after=keeps_h_where_z_is_1)
@given(case=cases())
def matches_torch(submission: Submission, case: Case) -> None:
    """The new h is that of torch.nn.GRUCell, also when it is fed back for more steps."""
    h, weights = case.h, case.arguments[2:]
    for step, x in enumerate((case.x, *case.later)):
        arguments = (x, h, *weights)
        h = submission["gru_cell"](*arguments)
        expect(
            h,
            oracle(*arguments),
            name=f"h after step {step + 1}",
            dtype=x.dtype,
            peer=torch.gru_cell(*arguments),
            terms=terms(*arguments),
            dims=DIMS,
        )


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The arguments hold the same numbers after the call as before it."""
    _, afterwards = submission["gru_cell"].inputs(*case.arguments)
    for name, before, after in zip(ARGUMENTS, case.arguments, afterwards, strict=True):
        expect_true(torch.equal(before, after), f"{name} was changed by the call.")


@check(points=2, after=(matches_torch, leaves_inputs_unchanged), examples=15)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h, both weight matrices and both biases, and are those of torch."""
    got = (
        submission["gru_cell"]
        .vjp(*case.arguments, cotangents=[case.cotangent], wrt=list(range(len(ARGUMENTS))))
        .gradients
    )
    leaves = [a.clone().requires_grad_() for a in case.arguments]
    want = gradients_of([torch.gru_cell(*leaves)], leaves, [case.cotangent])
    size = float(case.cotangent.abs().sum()) * terms(*case.arguments) ** 2
    for name, g, w in zip(ARGUMENTS, got, want, strict=True):
        expect_true(g is not None, f"No gradient reaches {name}.")
        expect(g, w, name=f"gradient of {name}", dtype=torch.float64, terms=size)


@check(points=1, after=matches_torch, examples=20)
@given(case=saturated())
def stays_finite_when_saturated(submission: Submission, case: Case) -> None:
    """With pre-activations of up to +-1000 gates are shut or wide open, and h is never nan."""
    h = submission["gru_cell"](*case.arguments)
    size = terms(*case.arguments)
    expect(h, oracle(*case.arguments), name="h", dtype=case.x.dtype, terms=size, dims=DIMS)
