"""Checks of `rnn_cell`: one step of a plain recurrent network."""

import torch

from grader.checks.cells import cell, first_steps, saturated, widened

STEP = cell("rnn_cell", states=("h",), blocks=1, reference=torch.rnn_tanh_cell)

keeps_shape_and_dtype = STEP.keeps_shape_and_dtype(
    "The new h has shape (N, H), also for a batch of one, and the dtype of the inputs."
)
depends_on_its_arguments_alone = STEP.depends_on_its_arguments_alone(after=keeps_shape_and_dtype)
matches_torch = STEP.matches_reference(
    "The new h is that of torch.nn.RNNCell.",
    name="matches_torch",
    points=3,
    cases=widened(STEP.cases() | STEP.cases(I=3, H=3), "h"),
    after=depends_on_its_arguments_alone,
)
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
    cases=saturated(STEP, 1, 490.0, still=("x", "h", "b_ih", "b_hh")),
    gradients=True,
    after=gradients,
    examples=3,
)
