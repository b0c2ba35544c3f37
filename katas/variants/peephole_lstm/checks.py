"""Checks of peephole_lstm: the oracles are the formula in float64, and torch's cell."""

from dataclasses import dataclass, replace

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from grader.checks import (
    Submission,
    check,
    expect,
    expect_true,
    gradients_of,
    items,
    sizes,
    sources,
)

ARGUMENTS = ("x", "h", "c", "w_ih", "w_hh", "b", "p_i", "p_f", "p_o")
DIMS = ("batch", "unit")


@dataclass(frozen=True)
class Case:
    """The arguments of one step."""

    x: Tensor  # (N, I)
    h: Tensor  # (N, H)
    c: Tensor  # (N, H)
    w_ih: Tensor  # (4H, I)
    w_hh: Tensor  # (4H, H)
    b: Tensor  # (4H,)
    p_i: Tensor  # (H,)
    p_f: Tensor  # (H,)
    p_o: Tensor  # (H,)

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        """The arguments in the order of the signature."""
        return tuple(getattr(self, name) for name in ARGUMENTS)

    def without(self, *names: str) -> "Case":
        """The same case, with zeros for some peepholes."""
        return replace(self, **{name: torch.zeros_like(self.p_i) for name in names})


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype | None = None) -> Case:
    """One step with a batch of one or three; half-size weights leave few gates saturated."""
    n, i, h = draw(st.sampled_from([1, 3])), draw(sizes(1, 4)), draw(sizes(1, 4))
    source = draw(sources(dtype))
    return Case(
        x=source.normal(n, i),
        h=source.normal(n, h),
        c=source.normal(n, h),
        w_ih=source.normal(4 * h, i, scale=0.5),
        w_hh=source.normal(4 * h, h, scale=0.5),
        b=source.normal(4 * h),
        p_i=source.normal(h),
        p_f=source.normal(h),
        p_o=source.normal(h),
    )


def formula(*arguments: Tensor) -> tuple[Tensor, Tensor]:
    """The step as its formula says, gate by gate, in the dtype of the arguments."""
    x, h, c, w_ih, w_hh, b, p_i, p_f, p_o = arguments
    size = h.shape[1]
    i, f, g, o = (
        nn.functional.linear(x, w_ih[k : k + size], b[k : k + size])
        + nn.functional.linear(h, w_hh[k : k + size])
        for k in range(0, 4 * size, size)
    )
    c_new = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
    return torch.sigmoid(o + p_o * c_new) * torch.tanh(c_new), c_new


def terms_of(case: Case) -> float:
    """The largest sum of |terms| in a pre-activation: rounding errors are relative to it."""
    sums = case.x.abs() @ case.w_ih.abs().T + case.h.abs() @ case.w_hh.abs().T + case.b.abs()
    widest_c = float(case.c.abs().max()) + 1.0
    peepholes = torch.cat([case.p_i, case.p_f, case.p_o]).abs()
    return max(1.0, float(sums.max()) + widest_c * float(peepholes.max()))


def compare(submission: Submission, case: Case) -> None:
    """Hold h and c against the formula."""
    h, c = items(submission["peephole_cell"](*case.arguments), "h", "c")
    want_h, want_c = formula(*(argument.double() for argument in case.arguments))
    peer_h, peer_c = formula(*case.arguments)
    dtype, terms = case.x.dtype, terms_of(case)
    expect(c, want_c, name="c", dtype=dtype, peer=peer_c, terms=terms, dims=DIMS)
    expect(h, want_h, name="h", dtype=dtype, peer=peer_h, terms=terms, dims=DIMS)


@check(points=1, examples=10)
@given(case=cases())
def shapes_and_dtypes(submission: Submission, case: Case) -> None:
    """H and c come back with the shape and dtype of the old ones, for a batch of one too."""
    for n in (1, len(case.x)):
        arguments = (case.x[:n], case.h[:n], case.c[:n], *case.arguments[3:])
        h, c = items(submission["peephole_cell"](*arguments), "h", "c")
        for name, got, like in (("h", h, arguments[1]), ("c", c, arguments[2])):
            expect(got, like.double(), name=name, dtype=like.dtype, dims=DIMS, values=False)


@check(points=1, after=shapes_and_dtypes, examples=15)
@given(case=cases())
def shut_peepholes_are_torch(submission: Submission, case: Case) -> None:
    """With all peephole weights at zero it is torch.nn.LSTMCell."""
    case = case.without("p_i", "p_f", "p_o")
    h, c = items(submission["peephole_cell"](*case.arguments), "h", "c")
    answers = []
    for dtype in (torch.float64, case.x.dtype):
        cell = nn.LSTMCell(case.x.shape[1], case.h.shape[1], dtype=dtype)
        zeros = torch.zeros_like(case.b)
        weights = (case.w_ih, case.w_hh, case.b, zeros)
        cell.load_state_dict(dict(zip(cell.state_dict(), weights, strict=True)))
        with torch.no_grad():
            answers.append(cell(case.x.to(dtype), (case.h.to(dtype), case.c.to(dtype))))
    (want_h, want_c), (peer_h, peer_c) = answers
    dtype, terms = case.x.dtype, terms_of(case)
    expect(c, want_c, name="c", dtype=dtype, peer=peer_c, terms=terms, dims=DIMS)
    expect(h, want_h, name="h", dtype=dtype, peer=peer_h, terms=terms, dims=DIMS)


@check(points=2, after=shut_peepholes_are_torch, examples=25)
@given(case=cases())
def input_and_forget_gates_see_c(submission: Submission, case: Case) -> None:
    """The input gate and the forget gate each see the old cell state, unit by unit."""
    compare(submission, case.without("p_o"))


@check(points=3, after=input_and_forget_gates_see_c, examples=40)
@given(case=cases())
def output_gate_sees_c(submission: Submission, case: Case) -> None:
    """The output gate sees the cell state too: the whole step is that of the formulas."""
    compare(submission, case)


@check(points=1, after=output_gate_sees_c, examples=10)
@given(case=cases())
def leaves_inputs_alone(submission: Submission, case: Case) -> None:
    """No argument is changed, and a second call answers the same."""
    first, afterwards = submission["peephole_cell"].inputs(*case.arguments)
    for name, before, after in zip(ARGUMENTS, case.arguments, afterwards, strict=True):
        expect_true(torch.equal(before, after), f"{name} was changed by the call")
    other = [argument.flip(0) for argument in case.arguments]
    submission["peephole_cell"](*other)
    again = submission["peephole_cell"](*case.arguments)
    for name, one, two in zip(
        ("h", "c"), items(first, "h", "c"), items(again, "h", "c"), strict=True
    ):
        expect(two, one.double(), name=f"{name} of a second, equal call", dims=DIMS)


@check(points=1, after=output_gate_sees_c, examples=6)
@given(case=cases(), signs=st.lists(st.sampled_from([-1000.0, 1000.0]), min_size=4, max_size=4))
def finite_when_saturated(submission: Submission, case: Case, signs: list[float]) -> None:
    """Gates that are driven to -1,000 or 1,000 give finite answers and finite gradients."""
    everything = list(range(len(ARGUMENTS)))
    driven = torch.tensor(signs, dtype=case.x.dtype).repeat_interleave(len(case.p_i))
    for b in (driven, -driven):
        arguments = replace(case, b=b).arguments
        cotangents = [torch.ones_like(case.h), torch.ones_like(case.c)]
        answer = submission["peephole_cell"].vjp(*arguments, cotangents=cotangents, wrt=everything)
        for name, value in zip(("h", "c"), items(answer.value, "h", "c"), strict=True):
            expect(value, case.h.double(), name=name, dims=DIMS, values=False)
        for name, gradient, like in zip(ARGUMENTS, answer.gradients, arguments, strict=True):
            if gradient is not None:  # whether one is there is another check's business
                expect(gradient, like.double(), name=f"gradient of {name}", values=False)


@check(points=2, after=(leaves_inputs_alone, finite_when_saturated), examples=15)
@given(case=cases(dtype=torch.float64))
def gradients(submission: Submission, case: Case) -> None:
    """Gradients reach every argument, through the peepholes as well."""
    leaves = [argument.clone().requires_grad_() for argument in case.arguments]
    want = formula(*leaves)
    cotangents = [torch.linspace(0.5, 1.5, w.numel(), dtype=w.dtype).view_as(w) for w in want]
    exact = gradients_of(want, leaves, cotangents)
    everything = list(range(len(ARGUMENTS)))
    answer = submission["peephole_cell"].vjp(*case.arguments, cotangents=cotangents, wrt=everything)
    largest = max(float(gradient.abs().max()) for gradient in exact)
    terms = terms_of(case) * max(1.0, largest)
    for name, got, gradient in zip(ARGUMENTS, answer.gradients, exact, strict=True):
        expect_true(got is not None, f"no gradient reaches {name}: nothing connects it to h and c")
        expect(got, gradient, name=f"gradient of {name}", dtype=torch.float64, terms=terms)
