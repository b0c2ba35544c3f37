"""No autograd: the backward pass written out."""

from itertools import count

import torch


def rnn_profile(x, w_ih, w_hh, bias, v):
    """Walk back through a tanh RNN."""
    h, hs = torch.zeros_like(v), []
    for t in range(x.size(1)):
        h = torch.tanh(x[:, t] @ w_ih.T + h @ w_hh.T + bias)
        hs.append(h)
    dh, norms = v, [v.norm()]
    for h in reversed(hs[1:]):
        dh = (dh * (1 - h * h)) @ w_hh
        norms.insert(0, dh.norm())
    return norms


def lstm_profile(x, w_ih, w_hh, bias, v):
    """Walk back through an LSTM, with h and c."""
    h = c = torch.zeros_like(v)
    tape = []
    for t in range(x.size(1)):
        a = x[:, t] @ w_ih.T + h @ w_hh.T + bias
        i, f, o = (a.chunk(4, 1)[k].sigmoid() for k in (0, 1, 3))
        g = a.chunk(4, 1)[2].tanh()
        before, c = c, f * c + i * g
        h = o * c.tanh()
        tape.append((i, f, g, o, before, c))
    dh, dc, norms = v, torch.zeros_like(v), []
    for i, f, g, o, before, c in reversed(tape):
        norms.append(dh.norm())
        dc = dc + dh * o * (1 - c.tanh() ** 2)
        da = [dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g)]
        da += [dh * c.tanh() * o * (1 - o)]
        dh, dc = torch.cat(da, 1) @ w_hh, dc * f
    return norms[::-1]


def gradient_profile(kind, x, weights, v):
    """Choose the walk."""
    w_ih, w_hh, b_ih, b_hh = (
        weights[f"{n}_l0"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    walk = {"rnn": rnn_profile, "lstm": lstm_profile}[kind]
    return torch.stack(walk(x, w_ih, w_hh, b_ih + b_hh, v))


def plot_profiles(profiles):
    """Draw all lines before the axes are set up."""
    from matplotlib.figure import Figure

    fig = Figure()
    ax = fig.subplots()
    for name, values in profiles.items():
        ax.plot(*zip(*zip(count(1), values.tolist(), strict=False), strict=True), "o-", label=name)
    ax.axhline(1.0, color="grey", linewidth=0.5)
    ax.set_xlabel("time step")
    ax.set_ylabel("gradient norm")
    ax.set_yscale("log")
    fig.legend(loc="outside upper right")
    ax.legend()
    return fig
