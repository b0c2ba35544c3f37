"""The shortest routes, and numbers that were measured once and written down."""

import torch

SLOPES = "c[t-1]*σ'(a_f[t])*u_f + g[t]*σ'(a_i[t])*u_i + i[t]*tanh'(a_g[t])*u_g"


APART = "f[t] + c[t-1]*d(f[t], c[t-1]) + g[t]*d(i[t], c[t-1]) + i[t]*d(g[t], c[t-1])"


def one_step():
    """Write the product rule's line and the result down."""
    return [(f"{APART} = f[t] + o[t-1]*tanh'(c[t-1])*({SLOPES})", "chain rule")]


def coupled_step(twist):
    """Write both lines down for each twist."""
    if twist == "i[t] = 1 - f[t]":
        apart = "f[t] + (c[t-1] - g[t])*d(f[t], c[t-1]) + (1 - f[t])*d(g[t], c[t-1])"
        slopes = "(c[t-1] - g[t])*σ'(a_f[t])*u_f + (1 - f[t])*tanh'(a_g[t])*u_g"
        return [(f"{apart} = f[t] + o[t-1]*tanh'(c[t-1])*({slopes})", "chain rule")]
    apart = "1 - i[t] + (g[t] - c[t-1])*d(i[t], c[t-1]) + i[t]*d(g[t], c[t-1])"
    slopes = "(g[t] - c[t-1])*σ'(a_i[t])*u_i + i[t]*tanh'(a_g[t])*u_g"
    return [(f"{apart} = 1 - i[t] + o[t-1]*tanh'(c[t-1])*({slopes})", "chain rule")]


def peephole_step(twist):
    """Add the peepholes' terms to the result of `one_step`."""
    terms = {"f": "c[t-1]*σ'(a_f[t])*p_f", "i": "g[t]*σ'(a_i[t])*p_i"}
    seen = " + ".join(terms[gate] for gate in twist.split(", ") if gate in terms)
    to_h = "(o[t-1]*tanh'(c[t-1]) + tanh(c[t-1])*σ'(a_o[t-1])*p_o)"
    return [(f"{APART} = f[t] + {seen} + {to_h}*({SLOPES})", "chain rule")]


def rnn_steps():
    """Take the weights out of the product."""
    return [("prod(u, s, 1, T)*prod(1 - h[s]**2, s, 1, T)", "chain rule")]


def many_steps():
    """Say what goes and write the result down."""
    return [["d(c[T], c[0]) ~ prod(f[s], s, 1, T)", "Direct path only"]]


def residual_blocks():
    """Write the product from the last block to the first."""
    return [("∏(1 + F[L-l+1]'(x[L-l]), l, 1, L)", "chain rule")]


def resnet_from_lstm(u, b):
    """Reshape one table of blocks; the hidden state's bias carries what is open."""
    size = b.shape[0]
    blocks = torch.stack((0 * u, 0 * u, u, 0 * u)).reshape(4 * size, size)
    pattern = torch.tensor([1, 1, 0, 1], dtype=u.dtype).repeat_interleave(size)
    only_g = torch.tensor([0, 0, 1, 0], dtype=u.dtype).repeat_interleave(size)
    return [torch.zeros(4 * size, 1).double(), blocks, only_g * b.repeat(4), 30 * pattern]


def not_identical():
    """Let the cell write, too: the gradient does not care."""
    w_ih = torch.tensor([[1.0], [9.0], [1.0], [1.0]])
    keep, kill = torch.full((20, 1), 2.0), torch.full((20, 1), -2.0)
    return [w_ih, torch.zeros(4, 1), torch.zeros(4), torch.zeros(4), keep, kill]


def claims():
    """Write the numbers down."""
    return {
        "direct_rate_default": 0.49,
        "full_rate_default": 0.64,
        "direct_rate_bias_3": 0.948,
        "full_rate_bias_3": 1.03,
        "kept_after_500": 0.0066,
        "direct_equals_full": False,
        "full_can_grow": True,
    }
