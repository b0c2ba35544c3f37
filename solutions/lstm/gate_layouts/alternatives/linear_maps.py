"""Layouts as linear maps: each is a product with a matrix of zeros and ones."""

import torch
from torch import Tensor


def split_gates(w: Tensor, b: Tensor) -> list[Tensor]:
    """Select columns by multiplying with blocks of the identity."""
    columns = torch.eye(w.size(1), dtype=w.dtype, device=w.device)
    of_h, of_x = columns.tensor_split([w.size(0) // 4], dim=1)
    return [w @ of_x, w @ of_h, b, 0 * b]


def join_gates(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> list[Tensor]:
    """Move each block to its columns and add."""
    columns = torch.eye(w_hh.size(1) + w_ih.size(1)).to(w_ih)
    to_h, to_x = columns.split([w_hh.size(1), w_ih.size(1)])
    return [w_hh @ to_h + w_ih @ to_x, torch.stack([b_ih, b_hh]).sum(dim=0)]
