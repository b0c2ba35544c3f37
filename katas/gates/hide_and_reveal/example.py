"""The worked example of the task: what c and h should be at four steps."""

import torch

from grader.checks import Submission, worked
from grader.checks.weights import expect_weights

ALLOWED = 0.01

INPUTS = ((1.0, 1.0, 0.0), (-2.0, 0.0, 0.0), (0.3, 0.0, 1.0), (-0.4, 1.0, 1.0))
STORED = ("0.7616", "0.7616", "0.7616", "-0.3799")
SHOWN = ("0.0000", "0.0000", "0.6420", "-0.3627")


def example(submission: Submission) -> None:
    """The four steps of the example, with the learner's weights."""
    found = submission["hide_and_reveal"]()
    expect_weights(found, inputs=len(INPUTS[0]))
    weights = [weight.double() for weight in found]
    h, c = torch.zeros(1, 1).double(), torch.full((1, 1), 0.5).double()
    for step, (x, stored, shown) in enumerate(zip(INPUTS, STORED, SHOWN, strict=True), start=1):
        h, c = torch.lstm_cell(torch.tensor([x]).double(), (h, c), *weights)
        worked(f"c at step {step}", stored, c, within=ALLOWED, shape=(1, 1))
        worked(f"h at step {step}", shown, h, within=ALLOWED, shape=(1, 1))
