# status: PASSED
from concurrent.futures import ThreadPoolExecutor

import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    def block(weights):
        w, r, b, d = weights
        return x @ w.T + b + h @ r.T + d

    with ThreadPoolExecutor(4) as pool:
        parts = zip(*(t.chunk(4) for t in (w_ih, w_hh, b_ih, b_hh)))
        i, f, g, o = pool.map(block, parts)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
