"""The worked example of the task: two units over two steps."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The norms."""
    w_hh = torch.tensor([[0.0, 2.0], [0.5, 0.0]])
    hs = torch.tensor([[0.3, -0.2], [-0.6, 0.1], [0.5, -0.5]])
    worked("norms", "0.7425 1.5000", submission["jacobian_norms"](w_hh, hs), shape=(2,))
