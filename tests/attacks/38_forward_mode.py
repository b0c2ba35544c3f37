# /// attack
# row = 38
# kata = "highway/cell_state_jacobian"
# expect = ["FORBIDDEN"]
# invariant = "a Jacobian is not taken from torch forwards either"
# ///
"""Forward mode, which runs nothing backwards."""

import torch


def direct_path(f):
    return f.prod(dim=0)


def full_jacobian(xs, h0, c0, w_ih, w_hh, b_ih, b_hh):
    mode = getattr(torch, "auto" + "grad").forward_ad
    columns = []
    with mode.dual_level():
        for direction in torch.eye(len(c0), dtype=c0.dtype):
            c, h = mode.make_dual(c0, direction), h0
            for x in xs:
                i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
            columns.append(mode.unpack_dual(c).tangent)
    return torch.stack(columns, dim=1)
