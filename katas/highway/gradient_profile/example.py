"""The worked example of the task: an RNN with one unit over three steps."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The profile; every gradient is a positive number here."""
    weights = {
        "weight_ih_l0": torch.tensor([[1.0]]),
        "weight_hh_l0": torch.tensor([[0.5]]),
        "bias_ih_l0": torch.zeros(1),
        "bias_hh_l0": torch.zeros(1),
    }
    x = torch.tensor([[[0.5], [-1.0], [2.0]]])
    profile = submission["gradient_profile"]("rnn", x, weights, torch.ones(1, 1))
    worked("dL/dh_t", "0.0190 0.0653 1", profile, shape=(3,))
