"""Checks of the two forms of the GRU, and of when they agree."""

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
FORMS = ("gru_reset_before", "gru_reset_after")
# (I, H): mostly unequal and above 1: for a single unit without bias, both forms are the same.
SIZES = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))


@dataclass(frozen=True)
class Case:
    """The arguments of one step, and a cotangent for gradients; states and biases are not zero."""

    x: torch.Tensor  # (N, I)
    h: torch.Tensor  # (N, H)
    w_ih: torch.Tensor  # (3H, I)
    w_hh: torch.Tensor  # (3H, H)
    b_ih: torch.Tensor  # (3H,)
    b_hh: torch.Tensor  # (3H,)
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
        w_ih=source.normal(3 * h, i, scale=0.5),
        w_hh=source.normal(3 * h, h, scale=0.5),
        b_ih=source.normal(3 * h),
        b_hh=source.normal(3 * h),
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
    """Draw a case in which the biases carry one block far into the flat ends."""
    case, block = draw(cases()), draw(sizes(0, 2))
    far = case.b_ih.clone()
    far.view(3, -1)[block] = 900.0 * far.view(3, -1)[block].sign()
    return replace(case, b_ih=far)


def reset_after(*arguments: torch.Tensor) -> torch.Tensor:
    """Return the step of torch.nn.GRUCell, (N, H)."""
    return torch.gru_cell(*arguments)


def reset_before(*arguments: torch.Tensor) -> torch.Tensor:
    """Return the step of 2014, (N, H): its candidate is a plain recurrent cell, fed with r ⊙ h."""
    x, h, *weights = arguments
    (w_ir, w_iz, w_in), (w_hr, w_hz, w_hn), (b_ir, b_iz, b_in), (b_hr, b_hz, b_hn) = (
        weight.chunk(3) for weight in weights
    )
    r = torch.sigmoid(x @ w_ir.T + b_ir + h @ w_hr.T + b_hr)
    z = torch.sigmoid(x @ w_iz.T + b_iz + h @ w_hz.T + b_hz)
    n = torch.rnn_tanh_cell(x, r * h, w_in, w_hn, b_in, b_hn)
    return (1 - z) * n + z * h


ORACLES = {"gru_reset_before": reset_before, "gru_reset_after": reset_after}


def terms(*arguments: torch.Tensor) -> float:
    """Return the size of the largest sum of terms, the state and the 1 of the gates among them."""
    x, h, w_ih, w_hh, b_ih, b_hh = (a.double().abs() for a in arguments)
    return 1.0 + float((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).max()) + float(h.max())


def expect_step(submission: Submission, form: str, case: Case) -> None:
    """Hold one step of one form against its float64 oracle."""
    expect(
        submission[form](*case.arguments),
        ORACLES[form](*(a.double() for a in case.arguments)),
        name=f"h of {form}",
        dtype=case.x.dtype,
        peer=ORACLES[form](*case.arguments),
        terms=terms(*case.arguments),
        dims=DIMS,
    )


@check(points=1, examples=6)
@given(case=cases(dtype=torch.float64, n=3))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """Both forms give an h of shape (N, H), also for a batch of one, in the dtype of the inputs."""
    for form in FORMS:
        for n in (1, 3):
            for dtype in (torch.float32, torch.float64):
                arguments = case.variant(n, dtype)
                h = submission[form](*arguments)
                like = arguments[1].double()
                expect(h, like, name=f"h of {form}", dtype=dtype, values=False, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(pair=pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    case, other = pair
    for form in FORMS:
        first = submission[form](*case.arguments)
        submission[form](*other.arguments)
        again = submission[form](*case.arguments)
        expect(again, first, name=f"h of the repeated {form}", terms=1.0, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=8)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """All three functions leave their arguments as they were."""
    weights = case.w_hh, case.b_hh
    for name, arguments, labels in (
        (FORMS[0], case.arguments, ARGUMENTS),
        (FORMS[1], case.arguments, ARGUMENTS),
        ("interchangeable", weights, ("w_hh", "b_hh")),
    ):
        _, afterwards = submission[name].inputs(*arguments)
        for label, before, after in zip(labels, arguments, afterwards, strict=True):
            expect_true(torch.equal(before, after), f"{label} was changed by {name}.")


@check(points=2, after=depends_on_its_arguments_alone, examples=30)
@given(case=cases())
def reset_after_matches_torch(submission: Submission, case: Case) -> None:
    """The new h of gru_reset_after is that of torch.nn.GRUCell."""
    expect_step(submission, "gru_reset_after", case)


@check(points=3, after=reset_after_matches_torch, examples=40)
@given(case=cases())
def reset_before_matches_2014(submission: Submission, case: Case) -> None:
    """The new h of gru_reset_before is that of 2014: its candidate is a plain cell fed r ⊙ h."""
    expect_step(submission, "gru_reset_before", case)


@check(points=2, after=(reset_before_matches_2014, leaves_inputs_unchanged), examples=10)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """In both forms gradients reach x, h, both weight matrices and both biases."""
    size = float(case.cotangent.abs().sum()) * terms(*case.arguments) ** 2
    for form in FORMS:
        got = (
            submission[form]
            .vjp(*case.arguments, cotangents=[case.cotangent], wrt=list(range(len(ARGUMENTS))))
            .gradients
        )
        leaves = [a.clone().requires_grad_() for a in case.arguments]
        want = gradients_of([ORACLES[form](*leaves)], leaves, [case.cotangent])
        for name, g, w in zip(ARGUMENTS, got, want, strict=True):
            expect_true(g is not None, f"In {form} no gradient reaches {name}.")
            expect(g, w, name=f"gradient of {name} in {form}", dtype=torch.float64, terms=size)


@check(points=1, after=reset_before_matches_2014, examples=10)
@given(case=saturated())
def stays_finite_when_saturated(submission: Submission, case: Case) -> None:
    """With pre-activations of up to +-1000 gates are shut or wide open, and h is never nan."""
    for form in FORMS:
        expect_step(submission, form, case)


@dataclass(frozen=True)
class Weights:
    """Recurrent weights, in words and numbers, and whether both forms agree for them."""

    words: str
    w_hh: torch.Tensor  # (3H, H)
    b_hh: torch.Tensor  # (3H,)
    agree: bool


@st.composite
def weights_of_all_kinds(draw: st.DrawFn) -> tuple[Weights, ...]:
    """Draw one set of weights of every kind: what only a sloppy look would let pass, or reject."""
    h, source = draw(sizes(2, 4)), draw(sources())
    full, diagonal = source.normal(h, h), torch.diag(source.normal(h))
    upper = torch.triu(full, diagonal=1)
    coupled = {
        "full": full,
        "symmetric": upper + upper.T + diagonal,
        "upper triangular": upper + diagonal,
        "lower triangular": upper.T + diagonal,
        "skew-symmetric": upper - upper.T,
    }
    separate = {"diagonal": diagonal, "the identity": torch.eye(h), "zero": torch.zeros(h, h)}
    zero = torch.zeros(h)
    one_bias = torch.cat([zero[1:], torch.tensor([0.25])])
    gates_w, gates_b = source.normal(2 * h, h), source.normal(2 * h)
    plain_w, plain_b = torch.cat([diagonal, diagonal]), torch.cat([zero, zero])
    found = []

    def add(words: str, *parts: torch.Tensor, agree: bool) -> None:
        w_gates, w_hn, b_gates, b_hn = (part.to(full.dtype) for part in parts)
        w_hh, b_hh = torch.cat([w_gates, w_hn]), torch.cat([b_gates, b_hn])
        found.append(Weights(words, w_hh, b_hh, agree))

    for kind, w_hn in (coupled | separate).items():
        for bias, b_hn in (("zero", zero), ("not zero", one_bias)):
            words = f"W_hn {kind}, b_hn {bias}"
            agree = kind in separate and bias == "zero"
            add(words, gates_w, w_hn, gates_b, b_hn, agree=agree)
    for kind, w_hn in (("full", full), ("diagonal", diagonal)):
        words, agree = f"W_hn {kind}, b_hn zero", kind == "diagonal"
        no_bias = "gates' biases zero"
        add(f"{words}, {no_bias}", gates_w, w_hn, plain_b, zero, agree=agree)
        plain = f"{no_bias}, gates' blocks diagonal"
        add(f"{words}, {plain}", plain_w, w_hn, plain_b, zero, agree=agree)
    # With a single unit every block is diagonal.
    one = torch.tensor([[0.5], [-0.5], [0.25]]).split([2, 1])
    add("H = 1, b_hn zero", *one, torch.tensor([0.5, 0.5]), zero[:1], agree=True)
    return tuple(found)


@check(points=3, examples=4)
@given(kinds=weights_of_all_kinds())
def says_when_the_forms_agree(submission: Submission, kinds: tuple[Weights, ...]) -> None:
    """The answer of interchangeable is True exactly where both forms always agree."""
    for weights in kinds:
        answer = submission["interchangeable"](weights.w_hh, weights.b_hh)
        expect(answer, weights.agree, name=f"interchangeable ({weights.words})")
