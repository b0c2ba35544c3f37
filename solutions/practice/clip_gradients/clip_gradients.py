"""Clip gradients by their global norm."""

import math

import torch


def clip_global_norm(
    grads: list[torch.Tensor], max_norm: float
) -> tuple[list[torch.Tensor], float]:
    """Return the gradients, all scaled by one factor so that their joint norm is at most max_norm.

        norm    = sqrt of the sum of g² over every entry of every tensor
        clipped = g · min(1, max_norm / norm)

    Args:
        grads: at least one tensor, of any shapes, each float32 (entries up to 1e30) or float64
            (entries up to 1e150). The list and its tensors are not modified.
        max_norm: greater than 0.

    Returns:
        clipped: new tensors, the scaled gradients, each in the place, shape and dtype of its own.
        norm: the global norm before clipping, a float (a tensor of shape () will do).

    Raises:
        ValueError: an entry is inf or nan, and so is the norm.

    Source: Pascanu, Mikolov and Bengio 2013, section 3.2.
    """
    # In float64, because the square of a large float32 is infinite in float32.
    norm = math.sqrt(sum(float(g.double().square().sum()) for g in grads))
    if not math.isfinite(norm):
        raise ValueError(f"the global norm of the gradients is {norm}")
    scale = max_norm / norm if norm > max_norm else 1.0
    clipped = [g * scale for g in grads]
    return clipped, norm
