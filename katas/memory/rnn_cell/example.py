"""The worked example of the task: one step of three units."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The new hidden state."""
    x, h = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5, -1.0, 0.0]])
    w_ih = torch.tensor([[1.0, 0.0], [0.0, 0.5], [-1.0, 0.5]])
    w_hh = torch.tensor([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    b_ih, b_hh = torch.tensor([0.1, 0.0, -0.2]), torch.tensor([0.0, -0.5, 0.7])
    worked(
        "h'",
        "0.0997 0.9051 0.4621",
        submission["rnn_cell"](x, h, w_ih, w_hh, b_ih, b_hh),
        shape=(1, 3),
    )
