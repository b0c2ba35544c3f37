"""Checks of `gru_cell`: one step of a gated recurrent unit, in torch's form."""

import torch
from hypothesis import given

from grader.checks import Case, Submission, check, expect
from grader.checks.cells import cell, first_steps, saturated, widened, with_block

STEP = cell("gru_cell", states=("h",), blocks=3, reference=torch.gru_cell)
UPDATE = 1  # block

keeps_shape_and_dtype = STEP.keeps_shape_and_dtype(
    "The new h has shape (N, H), also for a batch of one, and the dtype of the inputs."
)
depends_on_its_arguments_alone = STEP.depends_on_its_arguments_alone(after=keeps_shape_and_dtype)


@check(points=1, after=depends_on_its_arguments_alone, examples=15)
@given(case=STEP.cases(torch.float64))
def keeps_h_where_z_is_1(submission: Submission, case: Case) -> None:
    """Where the update gate z is 1, the new h is the old h."""
    # Either bias alone is enough for z = 1, so that a forgotten one is left to the next check.
    (h,) = STEP.ask(submission, *with_block(case, 3, UPDATE, 60.0).values)
    terms = STEP.size(*case.values)
    expect(h, case.h, name="h", dtype=case.dtype, terms=terms, dims=STEP.dims)


@check(points=3, after=keeps_h_where_z_is_1, examples=60)
@given(pair=widened(STEP.pairs(), "h"))
def matches_torch(submission: Submission, pair: tuple[Case, Case]) -> None:
    """The new h is that of torch.nn.GRUCell, also when it is fed back for one more step."""
    case, later = pair
    (h,) = STEP.expect_case(submission, case, after=" after step 1")
    STEP.expect(submission, *case.put(x=later.x, h=h).values, after=" after step 2")


leaves_inputs_unchanged = STEP.leaves_inputs_unchanged(after=keeps_shape_and_dtype)
gradients = STEP.gradients(
    "Gradients reach x, h, all weights and biases, and are those of torch, also where h is 0.",
    points=2,
    after=(matches_torch, leaves_inputs_unchanged),
    cases=first_steps(STEP, "h"),
    examples=15,
)


stays_finite_when_saturated = STEP.stays_finite_when_saturated(
    "With pre-activations of 0 and of up to ±1000, h and all gradients are right, never nan.",
    cases=saturated(STEP, 3, 490.0, still=("x", "h", "b_ih", "b_hh")),
    gradients=True,
    after=gradients,
    examples=2,
)
