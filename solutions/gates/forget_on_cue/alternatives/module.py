"""Weights set by name in a real `nn.LSTMCell`, whose other weights keep their random start."""

import torch
from torch import nn


def forget_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the parameters of the cell, in their own order."""
    cell = nn.LSTMCell(input_size=2, hidden_size=1)
    with torch.no_grad():
        for vector in (cell.bias_ih, cell.bias_hh):
            vector[0] = -25.0
            vector[1] = 25.0
        # The random weights stay: they move a gate by a few units at most, and 50 is further.
        cell.weight_ih[1, 1] = -100.0
    return tuple(parameter.detach() for parameter in cell.parameters())
