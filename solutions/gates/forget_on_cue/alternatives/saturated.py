"""Enormous weights, with recurrent ones that a shut output gate makes harmless."""

import torch


def forget_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return weights far beyond what is needed: a sigmoid of 1e6 is 1 exactly."""
    shut, huge = -1e4, 1e6
    w_ih = torch.tensor([[3.0, 0.0], [5.0, -2 * huge], [1.0, 1.0], [-2.0, 7.0]])
    w_hh = torch.tensor([[2.0], [-4.0], [3.0], [1.0]])
    b_hh = torch.tensor([shut, huge, 0.5, shut])
    return w_ih, w_hh, torch.zeros(4), b_hh
