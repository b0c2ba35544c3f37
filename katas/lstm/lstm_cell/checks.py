"""Checks of `lstm_cell`: one step of a long short-term memory."""

import torch
from hypothesis import given

from grader.checks import Case, Submission, check, expect
from grader.checks.cells import cell, first_steps, saturated, widened, with_block

STEP = cell(
    "lstm_cell",
    states=("h", "c"),
    blocks=4,
    reference=lambda x, h, c, *weights: torch.lstm_cell(x, (h, c), *weights),
)
INPUT, FORGET = 0, 1  # blocks

keeps_shape_and_dtype = STEP.keeps_shape_and_dtype(
    "The answer is (h, c), each (N, H), also for a batch of one, in the dtype of the inputs."
)
depends_on_its_arguments_alone = STEP.depends_on_its_arguments_alone(after=keeps_shape_and_dtype)


@check(points=2, after=depends_on_its_arguments_alone, examples=15)
@given(case=STEP.cases(torch.float64))
def keeps_c_behind_closed_gates(submission: Submission, case: Case) -> None:
    """With the forget gate at 1 and the input gate at 0, the new c is the old c."""
    held = with_block(with_block(case, 4, FORGET, 60.0), 4, INPUT, -60.0)
    _, c = STEP.ask(submission, *held.values)
    terms = STEP.size(*case.values)
    expect(c, case.c, name="c", dtype=torch.float64, terms=terms, dims=STEP.dims)


matches_torch = STEP.matches_reference(
    "The new h and the new c are those of torch.nn.LSTMCell.",
    name="matches_torch",
    points=4,
    cases=widened(STEP.cases(), "h", "c"),
    after=keeps_c_behind_closed_gates,
    examples=60,
)
leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(after=keeps_shape_and_dtype)
gradients = STEP.gradients(
    "Gradients reach x, h, c, all weights and biases, and are right, also where h and c are 0.",
    points=3,
    after=(matches_torch, leaves_inputs_unchanged),
    cases=first_steps(STEP, "h", "c"),
)


stays_finite_when_saturated = STEP.stays_finite_when_saturated(
    "With pre-activations of 0 and of up to ±1000, states and all gradients are right, never nan.",
    cases=saturated(STEP, 4, 490.0, still=("x", "h", "b_ih", "b_hh")),
    gradients=True,
    after=gradients,
    examples=2,
)
