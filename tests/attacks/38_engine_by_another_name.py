# /// attack
# row = 38
# kata = "highway/cell_state_jacobian"
# expect = ["FORBIDDEN"]
# points = 0
# invariant = "a Jacobian is not taken from torch's engine, whatever it is called"
# ///
"""The engine for gradients, by the names that torch keeps for itself."""

import torch
from torch.autograd.variable import Variable as V


def direct_path(f):
    return f.prod(dim=0)


def full_jacobian(xs, h0, c0, w_ih, w_hh, b_ih, b_hh):
    start = c0.detach().clone().requires_grad_()
    c, h = start, h0
    for x in xs:
        i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    rows = []
    for entry in c:
        (row,) = V._execution_engine.run_backward(
            (entry,), (torch.ones_like(entry),), True, False, (start,), True, accumulate_grad=False
        )
        rows.append(row)
    return torch.stack(rows)
