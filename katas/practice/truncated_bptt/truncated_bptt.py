"""Backpropagation through at most k steps at a time."""

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
    raise NotImplementedError
