# status: PASSED
"""A step that moves one direction, and vmap over all H of them: torch.func is more than autograd."""
import torch
from torch.func import vmap
from torch import Tensor


def direct_path(f: Tensor) -> Tensor:
    return torch.cumprod(f, 0)[-1]


def _push(w_hh, i, f, g, o, c, s, dh, dc):
    da = (w_hh @ dh).chunk(4)
    new = f * dc + da[1] * f * (1 - f) * c + da[0] * i * (1 - i) * g + i * da[2] * (1 - g * g)
    return da[3] * o * (1 - o) * s + o * (1 - s * s) * new, new


def full_jacobian(xs, h0, c0, w_ih, w_hh, b_ih, b_hh):
    H = c0.shape[0]
    dh, dc = torch.zeros(H, H, dtype=xs.dtype), torch.eye(H, dtype=xs.dtype)
    h, c = h0, c0
    for x in xs:
        i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        new = f * c + i * g
        s = new.tanh()
        dh, dc = vmap(lambda a, b: _push(w_hh, i, f, g, o, c, s, a, b))(dh, dc)
        h, c = o * s, new
    return dc.T
