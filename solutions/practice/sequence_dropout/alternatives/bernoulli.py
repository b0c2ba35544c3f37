"""A Bernoulli mask, expanded over time, and a division."""

import torch


def sequence_dropout(x: torch.Tensor, p: float, training: bool) -> torch.Tensor:
    """Return x with features dropped, by choice between two tensors."""
    if not training or p == 0:
        return x.clone()
    dropped = torch.bernoulli(torch.full((x.shape[0], x.shape[2]), p)).bool()
    dropped = dropped[:, None, :].expand_as(x)
    return torch.where(dropped, torch.zeros_like(x), x / (1 - p) if p < 1 else x)
