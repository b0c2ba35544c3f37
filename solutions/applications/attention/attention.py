"""Scaled dot-product attention over padded sequences."""

import math

import torch


def attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what each query reads from the values, and how much it reads from each.

        s_jt = q_j · k_t / √D
        a_jt = exp(s_jt) / Σ_u exp(s_ju)    u over the real steps; 0 at padding
        c_j  = Σ_t a_jt v_t

    Args:
        q: (N, L, D) queries, float16, float32 or float64.
        k: (N, T, D) keys, one for each step, same dtype.
        v: (N, T, H) values, one for each step, same dtype.
        mask: (N, T) bool, True at real steps and False at padding.

    Returns:
        The pair (context, weights): (N, L, H) and (N, L, T), same dtype as q. Where a
        sequence has no real step, both are 0.

    Source: Bahdanau, Cho & Bengio 2015; this form is that of Vaswani et al. 2017,
    section 3.2.1.
    """
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    real = mask[:, None, :]
    scores = scores.masked_fill(~real, -math.inf)
    weights = torch.softmax(scores, dim=2)
    # A row of -inf alone gives nan, which no product would get rid of.
    weights = weights.masked_fill(~real, 0.0)
    return weights @ v, weights
