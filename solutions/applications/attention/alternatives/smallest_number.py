"""The smallest number of the dtype instead of -inf, and queries without a step set to 0 after."""

import torch


def attend(q, k, v, mask):
    """Return the context and the weights."""
    lowest = torch.finfo(q.dtype).min
    scores = torch.bmm(q, k.mT).mul(q.shape[2] ** -0.5)
    scores = scores.masked_fill(mask.logical_not().unsqueeze(1), lowest)
    some = mask.any(dim=1)[:, None, None]
    weights = scores.softmax(-1) * some
    return torch.bmm(weights, v), weights
