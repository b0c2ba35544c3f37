"""The worked example of the task: one step of two units, whose norms give -1 and 1."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """Both cell states that can be passed on."""
    w_ih = torch.tensor([[1.0], [3.0], [2.0], [2.0], [0.0], [4.0], [1.0], [-1.0]])
    ln_ih = torch.stack((torch.ones(8), torch.tensor([0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])))
    ln_hh = torch.stack((torch.ones(8), torch.zeros(8)))
    ln_c = torch.stack((torch.ones(2), torch.zeros(2)))
    x, h, c = torch.ones(1, 1), torch.zeros(1, 2), torch.tensor([[1.0, 2.0]])
    weights = (w_ih, torch.zeros(8, 2), ln_ih, ln_hh, ln_c)
    for stored, expected in (("c", "0.5262 2.0189"), ("ln_c", "-1 1")):
        new_h, new_c = submission["layer_norm_cell"](x, h, c, *weights, stored)
        worked(f"stored = {stored}: c'", expected, new_c, shape=(1, 2))
        worked(f"stored = {stored}: h'", "-0.5568 0.2048", new_h, shape=(1, 2))
