"""Four gates, four pairs of norms, written out."""

import torch
from torch import Tensor


def layer_norm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    ln_ih: Tensor,
    ln_hh: Tensor,
    ln_c: Tensor,
    stored: str,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor]:
    """Build each gate from its own rows of the weights and its own columns of the norms."""
    size = c.size(1)

    def norm(y: Tensor, ln: Tensor) -> Tensor:
        variance, mean = torch.var_mean(y, dim=1, correction=0, keepdim=True)
        return torch.addcmul(ln[1], (y - mean) * torch.rsqrt(variance + eps), ln[0])

    def gate(number: int) -> Tensor:
        rows = slice(number * size, (number + 1) * size)
        of_x = norm(x @ w_ih[rows].T, ln_ih[:, rows])
        of_h = norm(h @ w_hh[rows].T, ln_hh[:, rows])
        return of_x + of_h

    cell = torch.sigmoid(gate(1)) * c + torch.sigmoid(gate(0)) * torch.tanh(gate(2))
    normed = norm(cell, ln_c)
    return torch.sigmoid(gate(3)) * torch.tanh(normed), {"c": cell, "ln_c": normed}[stored]
