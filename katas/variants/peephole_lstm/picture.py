"""A clock: a cell that looks at its own memory and starts over when it is full."""

import math

import torch

from grader.checks import Submission, record_figure


def picture(submission: Submission) -> None:
    """Add 0.1 at each step; a full memory opens the output gate and shuts the forget gate."""
    w_ih, w_hh = torch.zeros(4, 1), torch.zeros(4, 1)
    # i open, f open while c is below 0.95, g = 0.1, o shut while c is below 0.95.
    b = torch.tensor([20.0, 190.0, math.atanh(0.1), -190.0])
    peepholes = torch.tensor([[0.0], [-200.0], [200.0]])
    h, c = torch.zeros(1, 1), torch.zeros(1, 1)
    held, shown = [], []
    for step in range(1, 64):
        x = torch.ones(1, 1)
        h, c = submission["peephole_cell"](x, h, c, w_ih, w_hh, b, *peepholes)
        held.append((step, float(c)))
        shown.append((step, float(h)))
    record_figure(
        "The same input at each step, and your cell ticks at every tenth",
        {"c": held, "h": shown},
        y="state",
    )
