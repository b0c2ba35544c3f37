"""The four gates one after the other, as the formulas are printed."""

import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the next hidden and cell state."""
    size = h.shape[1]

    def gate(k):
        rows = slice(k * size, (k + 1) * size)
        from_input = torch.nn.functional.linear(x, w_ih[rows], b_ih[rows])
        from_memory = torch.nn.functional.linear(h, w_hh[rows], b_hh[rows])
        return from_input + from_memory

    new = gate(0).sigmoid() * gate(2).tanh()
    kept = gate(1).sigmoid() * c
    c = kept + new
    return gate(3).sigmoid() * c.tanh(), c
