# status: PASSED
import math

import torch


def dot(row, column):
    total = 0.0
    for a, b in zip(row, column):
        total = total + a * b
    return total


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    n, size = h.shape
    hs, cs = [], []
    for k in range(n):
        for unit in range(size):
            i, f, g, o = (
                dot(x[k], w_ih[r]) + dot(h[k], w_hh[r]) + b_ih[r] + b_hh[r]
                for r in range(unit, 4 * size, size)
            )
            new = torch.sigmoid(f) * c[k, unit] + torch.sigmoid(i) * torch.tanh(g)
            hs.append(torch.sigmoid(o) * torch.tanh(new))
            cs.append(new)
    assert math.prod((n, size)) == len(hs)
    return torch.stack(hs).view(n, size), torch.stack(cs).view(n, size)
