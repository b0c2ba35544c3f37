# status: PASSED
from __future__ import annotations

import torch
from torch import nn

Like: type[nn.LSTMCell]


def weights_of(cell: nn.LSTMCell) -> tuple[torch.Tensor, ...]:
    return cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh) -> "nn.LSTM":
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
