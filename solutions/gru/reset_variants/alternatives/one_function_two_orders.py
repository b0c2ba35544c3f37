"""The two forms of the GRU as one function that is told where to reset."""

from functools import partial

import torch
from torch.nn import functional


def _gru(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
    *,
    before: bool,
) -> torch.Tensor:
    """Return the new state (N, H), block by block."""
    w_ir, w_iz, w_in = w_ih.chunk(3)
    w_hr, w_hz, w_hn = w_hh.chunk(3)
    b_ir, b_iz, b_in = b_ih.chunk(3)
    b_hr, b_hz, b_hn = b_hh.chunk(3)
    r = torch.sigmoid(functional.linear(x, w_ir, b_ir) + functional.linear(h, w_hr, b_hr))
    z = torch.sigmoid(functional.linear(x, w_iz, b_iz) + functional.linear(h, w_hz, b_hz))
    if before:
        recalled = functional.linear(r * h, w_hn, b_hn)
    else:
        recalled = r * functional.linear(h, w_hn, b_hn)
    n = torch.tanh(functional.linear(x, w_in, b_in) + recalled)
    return torch.lerp(n, h, z)


gru_reset_before = partial(_gru, before=True)
gru_reset_after = partial(_gru, before=False)


def interchangeable(w_hh: torch.Tensor, b_hh: torch.Tensor) -> bool:
    """Return whether the candidate's block is diagonal and its bias is zero."""
    size = w_hh.shape[1]
    block = w_hh[2 * size :]
    elsewhere = ~torch.eye(size, dtype=torch.bool, device=block.device)
    return bool((block[elsewhere] == 0).all() and (b_hh[2 * size :] == 0).all())
