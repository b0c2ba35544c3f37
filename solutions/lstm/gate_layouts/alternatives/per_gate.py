"""Gate by gate, with einops-free reshapes: (gate, unit, column)."""

from typing import NamedTuple

import torch
from torch import Tensor


class Split(NamedTuple):
    """Torch's four tensors."""

    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


def split_gates(w: Tensor, b: Tensor) -> Split:
    """Cut each gate's (H, H + I) block and stack the pieces again."""
    pieces = [
        gate.split([gate.shape[0], gate.shape[1] - gate.shape[0]], dim=1) for gate in w.chunk(4)
    ]
    w_hh, w_ih = (torch.cat(blocks) for blocks in zip(*pieces, strict=True))
    return Split(w_ih, w_hh, b_ih=b, b_hh=b - b)


def join_gates(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Glue each gate's two blocks side by side and stack the gates."""
    gates = zip(w_hh.chunk(4), w_ih.chunk(4), strict=True)
    return torch.vstack([torch.hstack(blocks) for blocks in gates]), b_hh + b_ih
