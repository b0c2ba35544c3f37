"""One long vector, its norm, and torch's own small number in the denominator."""

import torch


def clip_global_norm(
    grads: list[torch.Tensor], max_norm: float
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return the scaled gradients and their norm, a tensor of shape ()."""
    flat = torch.cat([g.flatten() for g in grads]).to(torch.float64)
    norm = torch.linalg.vector_norm(flat)
    if norm.isnan() or norm.isinf():
        raise ValueError("the gradients are not finite")
    scale = torch.clamp(max_norm / (norm + 1e-6), max=1.0)
    return [(scale * g.double()).to(g.dtype) for g in grads], norm
