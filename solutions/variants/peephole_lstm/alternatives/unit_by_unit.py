"""Another right way: one sequence and one unit at a time, as the first papers write it down."""

import torch
from torch import Tensor


def peephole_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b: Tensor,
    p_i: Tensor,
    p_f: Tensor,
    p_o: Tensor,
) -> tuple[Tensor, Tensor]:
    """Take one step, with a loop over the batch and a loop over the units."""
    units = range(c.shape[1])
    new_h, new_c = [], []
    for x_n, h_n, c_n in zip(x, h, c, strict=True):
        for j in units:
            i, f, g, o = (
                w_ih[row].dot(x_n) + w_hh[row].dot(h_n) + b[row]
                for row in range(j, len(b), len(units))
            )
            held = c_n[j]
            held = held * (f + held * p_f[j]).sigmoid() + (i + held * p_i[j]).sigmoid() * g.tanh()
            new_c.append(held)
            new_h.append((o + held * p_o[j]).sigmoid() * held.tanh())
    return torch.stack(new_h).view_as(h), torch.stack(new_c).view_as(c)
