# /// attack
# row = 17
# expect = ["FAILED"]
# points = 13
# invariant = "arguments are compared with the judge's own copies"
# ///
"""A right answer that is computed in the arguments' own memory: they are changed afterwards."""

import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    with torch.no_grad():
        pre = x.detach() @ w_ih.detach().T + b_ih.detach() + h.detach() @ w_hh.detach().T + b_hh.detach()
        i, f, g, o = pre.chunk(4, 1)
        c.copy_(f.sigmoid() * c + i.sigmoid() * g.tanh())
        h.copy_(o.sigmoid() * c.tanh())
    return h, c
