"""Keys and values of padding are 0 from the start; the scores of an empty row stay as they are."""

import torch


def attend(q, k, v, mask):
    """Return the context and the weights."""
    k, v = (torch.where(mask[..., None], part, 0.0) for part in (k, v))
    scores = torch.einsum("njd,ntd->njt", q, k) / q.shape[2] ** 0.5
    hidden = ~mask[:, None, :]
    some = mask.any(dim=1)[:, None, None]
    weights = scores.masked_fill(hidden & some, float("-inf")).softmax(dim=2)
    weights = torch.where(hidden, 0.0, weights)
    return torch.einsum("njt,nth->njh", weights, v), weights
