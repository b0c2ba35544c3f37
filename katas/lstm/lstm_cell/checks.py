"""Checks of `lstm_cell`: one step of a long short-term memory."""

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
    items,
    sizes,
    sources,
)

ARGUMENTS = ("x", "h", "c", "w_ih", "w_hh", "b_ih", "b_hh")
DIMS = ("batch", "unit")
# (I, H): mostly unequal and above 1, where a transposed or reshaped matrix shows.
SIZES = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 4), (4, 2), (3, 5), (5, 3))
BLOCKS = ("i", "f", "g", "o")


@dataclass(frozen=True)
class Case:
    """The arguments of one call, and the cotangents for its gradients."""

    x: torch.Tensor  # (N, I)
    h: torch.Tensor  # (N, H)
    c: torch.Tensor  # (N, H)
    w_ih: torch.Tensor  # (4H, I)
    w_hh: torch.Tensor  # (4H, H)
    b_ih: torch.Tensor  # (4H,)
    b_hh: torch.Tensor  # (4H,)
    cotangents: tuple[torch.Tensor, torch.Tensor]  # two of (N, H)

    @property
    def arguments(self) -> tuple[torch.Tensor, ...]:
        """The arguments in the order of the signature."""
        return self.x, self.h, self.c, self.w_ih, self.w_hh, self.b_ih, self.b_hh

    def variant(self, n: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        """The arguments for the first `n` sequences of the batch alone, in another dtype."""
        x, h, c, *weights = (a.to(dtype) for a in self.arguments)
        return x[:n], h[:n], c[:n], *weights

    def with_gate(self, gate: str, value: float | torch.Tensor) -> "Case":
        """The same case with one gate's block of *both* biases set to a value."""
        biases = []
        for bias in (self.b_ih, self.b_hh):
            blocks = bias.clone().view(4, -1)
            blocks[BLOCKS.index(gate)] = value
            biases.append(blocks.view(-1))
        return replace(self, b_ih=biases[0], b_hh=biases[1])


def draw_case(source: Source, n: int, i: int, h: int) -> Case:
    """Draw one case; weights are halved so that few gates saturate and hide a mistake."""
    return Case(
        x=source.normal(n, i),
        h=source.normal(n, h),
        c=source.normal(n, h),
        w_ih=source.normal(4 * h, i, scale=0.5),
        w_hh=source.normal(4 * h, h, scale=0.5),
        b_ih=source.normal(4 * h),
        b_hh=source.normal(4 * h),
        cotangents=(source.normal(n, h), source.normal(n, h)),
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
    """Draw a case in which the biases carry one block far into its flat ends."""
    case, gate = draw(cases()), BLOCKS[draw(sizes(0, 3))]
    signs = case.b_ih.view(4, -1)[BLOCKS.index(gate)].sign()
    return case.with_gate(gate, 490.0 * signs)


def in_torch(*arguments: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return torch's own step, in the dtype of the arguments."""
    x, h, c, *weights = arguments
    return torch.lstm_cell(x, (h, c), *weights)


def oracle(case: Case) -> tuple[torch.Tensor, torch.Tensor]:
    """Return torch's own step in float64, two of (N, H)."""
    return in_torch(*(a.double() for a in case.arguments))


def terms(case: Case) -> float:
    """Return the size of the largest sum of terms, the old c and the 1 of the gates among them."""
    x, h, c, w_ih, w_hh, b_ih, b_hh = (a.double().abs() for a in case.arguments)
    return 1.0 + float((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).max()) + float(c.max())


@check(points=1, examples=8)
@given(case=cases(dtype=torch.float64, n=3))
def keeps_shape_and_dtype(submission: Submission, case: Case) -> None:
    """The answer is (h, c), each (N, H), also for a batch of one, in the dtype of the inputs."""
    for n in (1, 3):
        for dtype in (torch.float32, torch.float64):
            arguments = case.variant(n, dtype)
            answer = submission["lstm_cell"](*arguments)
            for name, item in zip("hc", items(answer, "h", "c"), strict=True):
                like = arguments[1].double()
                expect(item, like, name=name, dtype=dtype, values=False, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(pair=pairs())
def depends_on_its_arguments_alone(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The same arguments give the same answer, whatever was called before."""
    case, other = pair
    first = items(submission["lstm_cell"](*case.arguments), "h", "c")
    submission["lstm_cell"](*other.arguments)
    again = items(submission["lstm_cell"](*case.arguments), "h", "c")
    for name, before, after in zip("hc", first, again, strict=True):
        expect(after, before, name=f"{name} of the repeated call", terms=1.0, dims=DIMS)


@check(points=2, after=depends_on_its_arguments_alone, examples=15)
@given(case=cases(dtype=torch.float64))
def keeps_c_behind_closed_gates(submission: Submission, case: Case) -> None:
    """With the forget gate at 1 and the input gate at 0, the new c is the old c."""
    held = case.with_gate("f", 60.0).with_gate("i", -60.0)
    _, c = items(submission["lstm_cell"](*held.arguments), "h", "c")
    expect(c, case.c, name="c", dtype=torch.float64, terms=terms(case), dims=DIMS)


@check(points=4, after=keeps_c_behind_closed_gates)
@given(case=cases())
def matches_torch(submission: Submission, case: Case) -> None:
    """The new h and the new c are those of torch.nn.LSTMCell."""
    answer = items(submission["lstm_cell"](*case.arguments), "h", "c")
    peers = in_torch(*case.arguments)
    size = terms(case)
    for name, got, want, peer in reversed(
        list(zip("hc", answer, oracle(case), peers, strict=True))
    ):
        expect(got, want, name=name, peer=peer, terms=size, dims=DIMS)


@check(points=1, after=keeps_shape_and_dtype, examples=10)
@given(case=cases())
def leaves_inputs_unchanged(submission: Submission, case: Case) -> None:
    """The arguments hold the same numbers after the call as before it."""
    _, afterwards = submission["lstm_cell"].inputs(*case.arguments)
    for name, before, after in zip(ARGUMENTS, case.arguments, afterwards, strict=True):
        expect_true(torch.equal(before, after), f"{name} was changed by the call.")


@check(points=3, after=(matches_torch, leaves_inputs_unchanged), examples=20)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach x, h, c, both weight matrices and both biases, and are those of torch."""
    got = (
        submission["lstm_cell"]
        .vjp(
            *case.arguments,
            cotangents=case.cotangents,
            wrt=list(range(len(ARGUMENTS))),
        )
        .gradients
    )
    leaves = [a.clone().requires_grad_() for a in case.arguments]
    want = gradients_of(in_torch(*leaves), leaves, case.cotangents)
    size = sum(float(v.abs().sum()) for v in case.cotangents) * terms(case) ** 2
    for name, g, w in zip(ARGUMENTS, got, want, strict=True):
        expect_true(g is not None, f"No gradient reaches {name}.")
        expect(g, w, name=f"gradient of {name}", dtype=torch.float64, terms=size)


@check(points=1, after=matches_torch, examples=20)
@given(case=saturated())
def stays_finite_when_saturated(submission: Submission, case: Case) -> None:
    """With pre-activations of up to +-1000 gates are shut or wide open, and nothing is nan."""
    answer = items(submission["lstm_cell"](*case.arguments), "h", "c")
    size = terms(case)
    for name, got, want in zip("hc", answer, oracle(case), strict=True):
        expect(got, want, name=name, dtype=case.x.dtype, terms=size, dims=DIMS)
