"""Checks of `peephole_lstm`: the oracles are the formulas, and torch's cell without peepholes."""

from dataclasses import replace

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import Case, Operation, Submission, check
from grader.checks.cells import first_steps, saturated, widened

WEIGHTS = {"w_ih": ("4H", "I"), "w_hh": ("4H", "H"), "b": ("4H",)}
STATES = {"h": ("N", "H"), "c": ("N", "H")}
PEEPHOLES = {"p_i": ("H",), "p_f": ("H",), "p_o": ("H",)}


def formula(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, *peepholes: Tensor
) -> tuple[Tensor, Tensor]:
    """Return h' and c', (N, H) each."""
    p_i, p_f, p_o = peepholes
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
    return torch.sigmoid(o + p_o * c) * torch.tanh(c), c


def terms(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, *peepholes: Tensor
) -> float:
    """Return the largest sum of |terms|."""
    seen = (float(c.max()) + 1.0) * max(1.0, float(torch.cat(peepholes).max()))
    return float((x @ w_ih.T + h @ w_hh.T + b).max()) + seen


STEP = Operation(
    "peephole_cell",
    takes={"x": ("N", "I"), **STATES, **WEIGHTS, **PEEPHOLES},
    gives=STATES,
    reference=formula,
    terms=terms,
    scales={"w_ih": 0.5, "w_hh": 0.5},  # few gates saturate and hide a mistake
)


def without(case: Case, *peepholes: str) -> Case:
    """The same case, with zeros for some peephole weights."""
    return case.put(**{name: torch.zeros_like(case.p_i) for name in peepholes})


keeps_shape_and_dtype = STEP.keeps_shape_and_dtype(
    "The answer is (h, c), each (N, H), also for a batch of one, in the dtype of the inputs."
)
depends_on_its_arguments_alone = STEP.depends_on_its_arguments_alone(after=keeps_shape_and_dtype)


@check(points=1, after=depends_on_its_arguments_alone, examples=15)
@given(case=STEP.cases())
def equals_torch_without_peepholes(submission: Submission, case: Case) -> None:
    """If all peephole weights are 0, h and c are those of torch.nn.LSTMCell."""

    def plain(*values: Tensor) -> tuple[Tensor, Tensor]:
        x, h, c, w_ih, w_hh, b, *_ = values
        return torch.lstm_cell(x, (h, c), w_ih, w_hh, b, torch.zeros_like(b))

    cell = replace(STEP, reference=plain)
    cell.expect_case(submission, without(case, "p_i", "p_f", "p_o"))


@check(points=2, after=equals_torch_without_peepholes, examples=25)
@given(case=STEP.cases())
def input_and_forget_gates_see_c(submission: Submission, case: Case) -> None:
    """The input gate and the forget gate each see the old cell state, unit by unit."""
    STEP.expect_case(submission, without(case, "p_o"))


matches_reference = STEP.matches_reference(
    "The output gate sees the cell state too: h and c are those of the formulas.",
    points=3,
    after=input_and_forget_gates_see_c,
    cases=widened(
        STEP.cases() | STEP.cases(I=3, H=3), "h", "c", weights=("w_hh", "p_i", "p_f", "p_o")
    ),
)
leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(after=keeps_shape_and_dtype)
gradients = STEP.gradients(
    "Gradients reach every argument, through the peepholes too, also where h and c are 0.",
    points=2,
    after=(matches_reference, leaves_inputs_unchanged),
    cases=first_steps(STEP, "h", "c"),
)


def balanced(case: Case) -> Case:
    """The same case with peepholes that carry each gate far up, and a bias that brings it back."""
    bias = case.b.clone()
    bias.view(4, -1)[[0, 1, 3]] -= 480.0
    look = torch.full_like(case.p_i, 5.0)
    return case.put(c=torch.full_like(case.c, 100.0), b=bias, p_i=look, p_f=look, p_o=look)


stays_finite_when_saturated = STEP.stays_finite_when_saturated(
    "With pre-activations of 0 and of up to ±1000, states and all gradients are right, never nan.",
    cases=st.builds(
        lambda far, case: (*far, balanced(case)),
        saturated(STEP, 4, 980.0, biases=("b",), still=("x", "h", "b", *PEEPHOLES)),
        STEP.cases(torch.float64),
    ),
    gradients=True,
    after=gradients,
    examples=2,
)
