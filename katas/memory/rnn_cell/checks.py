"""Checks of `rnn_cell`: one step of a plain recurrent network."""

from dataclasses import dataclass, replace

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, expect, expect_true, gradients_of, sources

ARGUMENTS = ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")
DIMS = ("batch", "unit")
# (I, H): mostly unequal and above 1, where a transposed or reshaped matrix shows.
SIZES = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))


@dataclass(frozen=True)
class Case:
    """The arguments of one call, and a cotangent for its gradients."""

    x: torch.Tensor  # (N, I)
    h: torch.Tensor  # (N, H)
    w_ih: torch.Tensor  # (H, I)
    w_hh: torch.Tensor  # (H, H)
    b_ih: torch.Tensor  # (H,)
    b_hh: torch.Tensor  # (H,)
    cotangent: torch.Tensor  # (N, H)

    @property
    def arguments(self) -> tuple[torch.Tensor, ...]:
        """The arguments in the order of the signature."""
        return self.x, self.h, self.w_ih, self.w_hh, self.b_ih, self.b_hh

    def variant(self, n: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        """The arguments for the first `n` sequences of the batch alone, in another dtype."""
        x, h, *weights = (a.to(dtype) for a in self.arguments)
        return x[:n], h[:n], *weights


def draw_case(source: Source, n: int, i: int, h: int) -> Case:
    """Draw one case; weights are halved so that few units saturate and hide a mistake."""
    return Case(
        x=source.normal(n, i),
        h=source.normal(n, h),
        w_ih=source.normal(h, i, scale=0.5),
        w_hh=source.normal(h, h, scale=0.5),
        b_ih=source.normal(h),
        b_hh=source.normal(h),
        cotangent=source.normal(n, h),
    )


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None, n: int | None = None) -> Case:
    """Draw a case with a batch of one or three, or of `n`."""
    n = n or draw(st.sampled_from([1, 3]))
    i, h = draw(st.sampled_from(SIZES))
    return draw_case(draw(sources(dtype)), n, i, h)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two cases with the same sizes and dtype, and other numbers."""
    n, (i, h) = draw(st.sampled_from([1, 3])), draw(st.sampled_from(SIZES))
    source = draw(sources())
    return draw_case(source, n, i, h), draw_case(source, n, i, h)


@st.composite
def saturated(draw: st.DrawFn) -> Case:
    """Draw a case whose bias carries every unit far into one of the flat ends of tanh."""
    case = draw(cases())
    return replace(case, b_ih=900.0 * case.b_ih.sign())


def oracle(case: Case) -> torch.Tensor:
    """Return torch's own step in float64, (N, H)."""
    return torch.rnn_tanh_cell(*(a.double() for a in case.arguments))


def terms(case: Case) -> float:
    """Return the size of the largest sum of terms, the 1 of tanh's own range among them."""
    x, h, w_ih, w_hh, b_ih, b_hh = (a.double().abs() for a in case.arguments)
    return 1.0 + float((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).max())


@check(points=1, examples=8)
@given(case=cases(dtype=torch.float64, n=3))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """The new h has shape (N, H), also for a batch of one, and the dtype of the inputs."""
    for n in (1, 3):
        for dtype in (torch.float32, torch.float64):
            arguments = case.variant(n, dtype)
            h = submission["rnn_cell"](*arguments)
            like = arguments[1].double()
            expect(h, like, name="h", dtype=dtype, values=False, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(pair=pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    case, other = pair
    first = submission["rnn_cell"](*case.arguments)
    submission["rnn_cell"](*other.arguments)
    again = submission["rnn_cell"](*case.arguments)
    expect(again, first, name="h of the repeated call", terms=1.0, dims=DIMS)


@check(points=3, after=depends_on_its_arguments_alone)
@given(case=cases())
def matches_torch(submission: Submission, case: Case) -> None:
    """The new h is that of torch.nn.RNNCell."""
    h = submission["rnn_cell"](*case.arguments)
    expect(
        h,
        oracle(case),
        name="h",
        dtype=case.x.dtype,
        peer=torch.rnn_tanh_cell(*case.arguments),
        terms=terms(case),
        dims=DIMS,
    )


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The arguments hold the same numbers after the call as before it."""
    _, afterwards = submission["rnn_cell"].inputs(*case.arguments)
    for name, before, after in zip(ARGUMENTS, case.arguments, afterwards, strict=True):
        expect_true(torch.equal(before, after), f"{name} was changed by the call.")


@check(points=2, after=(matches_torch, leaves_inputs_unchanged), examples=15)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h, both weight matrices and both biases, and are those of torch."""
    got = (
        submission["rnn_cell"]
        .vjp(*case.arguments, cotangents=[case.cotangent], wrt=list(range(len(ARGUMENTS))))
        .gradients
    )
    leaves = [a.clone().requires_grad_() for a in case.arguments]
    want = gradients_of([torch.rnn_tanh_cell(*leaves)], leaves, [case.cotangent])
    size = float(case.cotangent.abs().sum()) * terms(case)
    for name, g, w in zip(ARGUMENTS, got, want, strict=True):
        expect_true(g is not None, f"No gradient reaches {name}.")
        expect(g, w, name=f"gradient of {name}", dtype=torch.float64, terms=size)


@check(points=1, after=matches_torch, examples=15)
@given(case=saturated())
def stays_finite_when_saturated(submission: Submission, case: Case) -> None:
    """With pre-activations of up to +-1000 every unit is at -1 or 1, never nan."""
    h = submission["rnn_cell"](*case.arguments)
    expect(h, oracle(case), name="h", dtype=case.x.dtype, terms=1.0, dims=DIMS)
