# status: PASSED
import functools

import torch


def step(squash, gate, x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    c = gate(f) * c + gate(i) * squash(g)
    return gate(o) * squash(c), c


lstm_cell = functools.partial(step, torch.tanh, torch.sigmoid)
