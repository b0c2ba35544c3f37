# status: PASSED
"""Mentions nn.LSTMCell and torch.lstm_cell wherever that does no work."""

import torch
from torch import nn


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    # The same as torch.lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh).
    why = "nn.LSTM would be forbidden here"
    assert why
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


if __name__ == "__main__":
    cell = nn.LSTMCell(3, 4)
    x, h, c = torch.randn(2, 3), torch.randn(2, 4), torch.randn(2, 4)
    want = cell(x, (h, c))
    got = lstm_cell(x, h, c, cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    print(all(torch.allclose(a, b) for a, b in zip(want, got)))
