"""Wrong on purpose: remembers h itself, and no longer listens to the caller's."""

import torch

_memory: dict[tuple[torch.Size, torch.dtype], torch.Tensor] = {}


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H), computed from the one that the last call returned."""
    h = _memory.get((h.shape, h.dtype), h)
    new_h = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    _memory[new_h.shape, new_h.dtype] = new_h.detach().clone()
    return new_h
