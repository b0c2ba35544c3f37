"""The output gate sees the new state: a peephole that nobody asked for."""

import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the next hidden and cell state."""
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    o = o + c_next
    h_next = torch.sigmoid(o) * torch.tanh(c_next)
    return h_next, c_next
