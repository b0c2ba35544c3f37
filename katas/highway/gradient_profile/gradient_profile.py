"""How large the gradient still is, step by step, on its way back through time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gradient_profile(
    kind: str, x: torch.Tensor, weights: Mapping[str, torch.Tensor], v: torch.Tensor
) -> torch.Tensor:
    """Measure how strongly the loss at the end depends on each hidden state.

    With h_0 = c_0 = 0 and L = Σ v ⊙ h_T:

        profile[t - 1] = ‖ d L / d h_t ‖   for t = 1 .. T  (all paths; norm over N and H together)

    Args:
        kind: "rnn" (tanh) or "lstm".
        x: (N, T, I), the inputs.
        weights: torch's names for one layer: "weight_ih_l0" (B H, I), "weight_hh_l0" (B H, H),
            "bias_ih_l0" and "bias_hh_l0" (B H,); B = 1 for "rnn", 4 for "lstm" (order i, f, g, o).
        v: (N, H), the gradient that arrives at the last hidden state.

    Returns:
        (T,), the dtype of x.

    Source: Pascanu, Mikolov and Bengio (2013), section 2.

    """
    raise NotImplementedError


def plot_profiles(profiles: Mapping[str, torch.Tensor]) -> Figure:
    """Draw profiles as lines over the step, with a logarithmic y-axis.

    Args:
        profiles: a label for each profile, a tensor of shape (T,); T may differ.

    Returns:
        A new Matplotlib figure with one pair of axes.

    """
    raise NotImplementedError
