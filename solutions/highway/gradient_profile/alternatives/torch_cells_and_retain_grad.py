"""torch's own cells, retain_grad, and pyplot."""

import torch
from torch import nn


def gradient_profile(kind, x, weights, v):
    """Keep the gradients of the states in the middle."""
    _, steps, inputs = x.shape
    hidden = v.shape[1]
    cell = (nn.RNNCell if kind == "rnn" else nn.LSTMCell)(inputs, hidden).to(x.dtype)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in weights.items()})
    state, states = None, []
    for t in range(steps):
        state = cell(x[:, t], state)
        h = state[0] if kind == "lstm" else state
        h.retain_grad()
        states.append(h)
    h.backward(gradient=v)
    return torch.stack([torch.linalg.matrix_norm(h.grad) for h in states])


def plot_profiles(profiles):
    """Draw with pyplot."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots()
    for label, profile in profiles.items():
        axes.semilogy(torch.arange(1, profile.numel() + 1).numpy(), profile.numpy(), label=label)
    axes.set(xlabel="$t$", ylabel=r"$\|\partial L / \partial h_t\|$")
    axes.legend(loc="best")
    plt.close(figure)
    return figure
