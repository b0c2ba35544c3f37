"""Weights written into a real `nn.LSTMCell`, gate by gate."""

import torch
from torch import nn


def write_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return what is in the cell's state dict."""
    cell = nn.LSTMCell(2, 1)
    state = {name: torch.zeros_like(tensor) for name, tensor in cell.state_dict().items()}
    state["weight_ih"][:3] = torch.tensor([[0.0, 30.0], [0.0, -30.0], [1.0, 0.0]])
    state["bias_hh"][:2] = torch.tensor([-15.0, 15.0])
    cell.load_state_dict(state)
    return cell.weight_ih.data, cell.weight_hh.data, cell.bias_ih.data, cell.bias_hh.data
