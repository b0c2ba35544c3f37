"""How large the gradient still is, step by step, on its way back through time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _hidden_states(
    kind: str, x: torch.Tensor, weights: Mapping[str, torch.Tensor], h0: torch.Tensor
) -> list[torch.Tensor]:
    """Run the recurrence and keep every hidden state.

    Args:
        kind: "rnn" or "lstm".
        x: (N, T, I).
        weights: torch's names, as in gradient_profile.
        h0: (N, H); c_0 is 0.

    Returns:
        h_1 to h_T, each (N, H).

    """
    w_ih, w_hh = weights["weight_ih_l0"], weights["weight_hh_l0"]
    bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    h, c = h0, torch.zeros_like(h0)
    hs = []
    for x_t in x.unbind(dim=1):
        gates = x_t @ w_ih.T + h @ w_hh.T + bias
        if kind == "rnn":
            h = torch.tanh(gates)
        else:
            i, f, g, o = gates.chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        hs.append(h)
    return hs


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
    # h_0 asks for a gradient so that there is a graph; the arguments stay as they are.
    h0 = torch.zeros_like(v, requires_grad=True)
    hs = _hidden_states(kind, x, weights, h0)
    loss = (v * hs[-1]).sum()
    gradients = torch.autograd.grad(loss, hs)
    profile = torch.stack([gradient.norm() for gradient in gradients])
    return profile


def plot_profiles(profiles: Mapping[str, torch.Tensor]) -> Figure:
    """Draw profiles as lines over the step, with a logarithmic y-axis.

    Args:
        profiles: a label for each profile, a tensor of shape (T,); T may differ.

    Returns:
        A new Matplotlib figure with one pair of axes.

    """
    # Here, because the rest of the file needs no Matplotlib.
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    for label, profile in profiles.items():
        y = profile.tolist()
        steps = range(1, len(y) + 1)
        axes.plot(steps, y, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("step t")
    axes.set_ylabel("norm of dL/dh_t")
    axes.set_title("Gradient profile")
    axes.legend()
    return figure
