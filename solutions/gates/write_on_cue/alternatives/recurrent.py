"""Recurrent weights that would disturb the cell, cancelled by an output gate that never opens.

Only h_0 gets past it, at the first step, and the gates are so far from their threshold that it does
not move them. The candidate must not see it.
"""

import torch


def write_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return weights in which the gates listen to h as well."""
    w_ih = torch.tensor([[1.0, 2e3], [-1.0, -2e3], [1.0, 0.0], [5.0, -5.0]])
    w_hh = torch.tensor([[4.0], [-4.0], [0.0], [9.0]])
    b_ih = torch.tensor([-1e3, 1e3, 0.25, -500.0])
    b_hh = torch.tensor([0.0, 0.0, -0.25, -500.0])
    return w_ih, w_hh, b_ih, b_hh
