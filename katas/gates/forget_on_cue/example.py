"""The worked example of the task: what c should be while a cue is awaited, and after it."""

import torch

from grader.checks import Submission, worked
from grader.checks.weights import expect_weights

ALLOWED = 0.01

INPUTS = ((0.5, 0.0), (-1.0, 0.0), (0.3, 1.0), (0.9, 0.0))
ASKED_FOR = ("0.80", "0.80", "0.00", "0.00")


def example(submission: Submission) -> None:
    """The four steps of the example, with the learner's weights."""
    found = submission["forget_on_cue"]()
    expect_weights(found, inputs=len(INPUTS[0]))
    weights = [weight.double() for weight in found]
    h, c = torch.zeros(1, 1).double(), torch.full((1, 1), 0.8).double()
    for step, (x, expected) in enumerate(zip(INPUTS, ASKED_FOR, strict=True), start=1):
        h, c = torch.lstm_cell(torch.tensor([x]).double(), (h, c), *weights)
        worked(f"c at step {step}", expected, c, within=ALLOWED, shape=(1, 1))
