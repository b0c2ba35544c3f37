"""Torch's dropout of whole channels, with features as the channels."""

import torch
from torch.nn import functional


def sequence_dropout(x: torch.Tensor, p: float, training: bool) -> torch.Tensor:
    """Return x with features dropped; `dropout1d` wants (N, I, T)."""
    return functional.dropout1d(x.transpose(1, 2), p, training).transpose(1, 2)
