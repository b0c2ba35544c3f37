"""Each sequence without its padding; the weights are put back in their places."""

from typing import NamedTuple

import torch


class Reading(NamedTuple):
    """What the queries read, and from where."""

    context: torch.Tensor
    weights: torch.Tensor


def attend(q, k, v, mask):
    """Return the context and the weights."""
    contexts, weights = [], []
    for q_n, k_n, v_n, real in zip(q, k, v, mask, strict=True):
        (steps,) = real.nonzero(as_tuple=True)
        scores = (q_n @ k_n[steps].T).div(q.shape[-1] ** 0.5)
        shares = scores.softmax(dim=1)
        contexts.append(shares @ v_n[steps])
        weights.append(shares.new_zeros(len(q_n), len(real)).index_copy(1, steps, shares))
    return Reading(torch.stack(contexts), torch.stack(weights))
