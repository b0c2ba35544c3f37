"""Backpropagation through at most k steps at a time."""

import torch
from torch import Tensor


def truncated_bptt(
    x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss of a whole sequence, and its gradient cut every k steps.

    L = Σ_t sum(v_t ⊙ h_t), with h_0 = c_0 = 0; the state enters each chunk of k steps as a constant

    Args:
        x: inputs, (N, T, I), float32 or float64; all other arguments have this dtype.
        v: the weight of each entry of the hidden states in the loss, (N, T, H).
        weights: of an LSTM layer, in torch's names and gate order: "weight_ih_l0" (4H, I),
            "weight_hh_l0" (4H, H), "bias_ih_l0" (4H,), "bias_hh_l0" (4H,).
        k: steps per chunk, at least 1; the last chunk may be shorter, and k may exceed T.

    Returns:
        The loss over all T steps, a tensor of shape (), in x's dtype; and the gradients, a dict
        with the names and shapes of `weights`, in x's dtype.

    Source: Williams and Peng (1990), with boundaries that are fixed in advance.

    """
    leaves = {name: weight.detach().clone().requires_grad_() for name, weight in weights.items()}
    steps = x.shape[1]
    h = torch.zeros_like(v[:, 0])
    c = torch.zeros_like(v[:, 0])
    total = x.new_zeros(())
    for start in range(0, steps, k):
        # The values go on, their history does not. Both threads must be cut.
        h, c = h.detach(), c.detach()
        loss = x.new_zeros(())
        for t in range(start, min(start + k, steps)):
            h, c = _step(x[:, t], h, c, leaves)
            loss = loss + (v[:, t] * h).sum()
        # Frees this chunk's graph, so memory grows with k and not with T; .grad adds up.
        loss.backward()
        total = total + loss.detach()
    return total, {name: leaf.grad for name, leaf in leaves.items()}


def _step(x: Tensor, h: Tensor, c: Tensor, weights: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    from_x = x @ weights["weight_ih_l0"].T + weights["bias_ih_l0"]
    from_h = h @ weights["weight_hh_l0"].T + weights["bias_hh_l0"]
    i, f, g, o = (from_x + from_h).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
