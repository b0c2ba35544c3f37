"""The cell state of the call before is kept in the module and used instead of the argument."""

import torch

_memory = {}


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the next hidden and cell state."""
    key = (c.shape, c.dtype)
    c = _memory.get(key, c)
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    _memory[key] = c_next.detach()
    return torch.sigmoid(o) * torch.tanh(c_next), c_next
