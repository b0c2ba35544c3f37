"""The (2H, 2H) Jacobians of the whole state (h, c), multiplied; one block of the product."""

import torch
from torch import Tensor


def direct_path(f: Tensor) -> Tensor:
    """Multiply the steps' gates, from the first to the last."""
    path = torch.ones_like(f[0])
    for gates in f:
        path = path * gates
    return path


def full_jacobian(
    xs: Tensor, h0: Tensor, c0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Multiply the steps' block matrices; h_0 is fixed, so only the columns of c_0 are taken."""
    size = c0.numel()
    h, c = h0, c0
    product = torch.eye(2 * size, dtype=c0.dtype, device=c0.device)
    for x in xs:
        i, f, g, o = torch.chunk(torch.mv(w_ih, x) + torch.mv(w_hh, h) + (b_ih + b_hh), 4)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        slopes = torch.cat([g * i * (1 - i), c * f * (1 - f), i * (1 - g * g)])
        # Three blocks of rows of w_hh reach c_t; the fourth reaches h_t.
        c_from_h = (slopes[:, None] * w_hh[: 3 * size]).view(3, size, size).sum(0)
        c_from_c = torch.diag(f)
        c = f * c + i * g
        slope = o * (1 - torch.tanh(c) ** 2)
        own = (torch.tanh(c) * o * (1 - o))[:, None] * w_hh[3 * size :]
        h_from_h = slope[:, None] * c_from_h + own
        h_from_c = torch.diag(slope * f)
        upper, lower = torch.hstack([h_from_h, h_from_c]), torch.hstack([c_from_h, c_from_c])
        product = torch.vstack([upper, lower]) @ product
        h = o * torch.tanh(c)
    return product[size:, size:]
