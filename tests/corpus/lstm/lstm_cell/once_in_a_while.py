# status: FLAKY
# says: Does the answer depend on chance
# Fails at the 31st call of a process only, so that no failure can be seen twice.
import itertools

import torch

calls = itertools.count(1)


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    if next(calls) == 31:
        raise OSError("the disk was away")
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
