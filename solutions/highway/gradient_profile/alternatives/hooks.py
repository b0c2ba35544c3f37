"""Hooks that note each gradient as it comes by."""

import torch
from torch.nn.functional import linear


def gradient_profile(kind, x, weights, v):
    """Register a hook on every hidden state and go back once."""
    T = x.shape[1]
    profile = x.new_zeros(T)

    def note(t):
        def hook(gradient):
            profile[t] = gradient.square().sum().sqrt()

        return hook

    h = torch.zeros_like(v, requires_grad=True)
    c = torch.zeros_like(h)
    for t in range(T):
        a = linear(x[:, t], weights["weight_ih_l0"], weights["bias_ih_l0"])
        a = a + linear(h, weights["weight_hh_l0"], weights["bias_hh_l0"])
        if kind == "lstm":
            i, f, g, o = torch.tensor_split(a, 4, dim=-1)
            c = f.sigmoid().mul(c).addcmul(i.sigmoid(), g.tanh())
            h = o.sigmoid() * c.tanh()
        else:
            h = a.tanh()
        h.register_hook(note(t))
    torch.sum(h * v).backward()
    return profile


def plot_profiles(profiles):
    """Draw with the global state of pyplot, kept clean."""
    import matplotlib.pyplot as plt

    plt.figure()
    for label in profiles:
        ys = profiles[label].detach().cpu().double().numpy()
        plt.plot([t + 1 for t in range(ys.size)], ys, label=label)
    plt.yscale("log")
    plt.xlabel("t")
    plt.ylabel("norm")
    plt.legend()
    figure = plt.gcf()
    plt.close()
    return figure
