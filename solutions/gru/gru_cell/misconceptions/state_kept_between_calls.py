"""Wrong on purpose: remembers h itself, and no longer listens to the caller's."""

import torch

_memory: dict[tuple[torch.Size, torch.dtype], torch.Tensor] = {}


def gru_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H), computed from the one that the last call returned."""
    h = _memory.get((h.shape, h.dtype), h)
    i_r, i_z, i_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
    new_h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
    _memory[new_h.shape, new_h.dtype] = new_h.detach().clone()
    return new_h
