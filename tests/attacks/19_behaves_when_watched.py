# /// attack
# row = 19
# expect = ["FAILED", "FLAKY"]
# points = 13
# invariant = "every property is asked for on inputs of its own"
# ///
"""Right where it believes that it is looked at (the first forty calls, plain inputs), wrong everywhere else."""

import torch

calls = 0


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    global calls
    calls += 1
    pre = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = pre.chunk(4, 1)
    if calls > 40 and not x.requires_grad:
        g = g * 0.9
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
