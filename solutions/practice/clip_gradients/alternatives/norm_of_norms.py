"""The norm of the tensors' norms, each taken of entries that the largest one has divided."""

import torch


def clip_global_norm(
    grads: list[torch.Tensor], max_norm: float
) -> tuple[tuple[torch.Tensor, ...], float]:
    """Return the scaled gradients and their norm, without a detour through float64."""
    largest = torch.stack([g.abs().max() for g in grads]).max()
    if not bool(torch.isfinite(largest)):
        raise ValueError("the gradients are not finite")
    if largest == 0:
        return tuple(g.clone() for g in grads), 0.0
    norms = torch.stack([torch.linalg.vector_norm(g / largest) for g in grads])
    norm = largest * torch.linalg.vector_norm(norms)
    if norm <= max_norm:
        return tuple(g.clone() for g in grads), norm.item()
    factor = max_norm / norm.item()  # a plain number: it takes each gradient's dtype
    return tuple(g * factor for g in grads), norm.item()
