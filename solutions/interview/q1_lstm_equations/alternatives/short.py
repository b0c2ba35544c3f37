"""The shortest routes: as few lines as the task allows, weights as tables of numbers."""

import torch

INNER = (
    "σ(b_f + u_f*h[t-1] + w_f*x[t])*c[t-1]"
    " + tanh(b_g + u_g*h[t-1] + w_g*x[t])*σ(b_i + u_i*h[t-1] + w_i*x[t])"
)


def cell_state():
    """Write c[t] out in one go."""
    return [(f"c[t] = c[t-1]*σ(a_f[t]) + tanh(a_g[t])*σ(a_i[t]) = {INNER}", "definition")]


def hidden_state():
    """Write h[t] out in one go."""
    return [
        ("h[t] = tanh(c[t-1]·f[t] + g[t]·i[t]) · o[t]", "definition"),
        (f"tanh({INNER}) · σ(b_o + u_o·h[t-1] + w_o·x[t])", "definition"),
    ]


def unrolled_memory():
    """Write the sum down, with the initial memory as if it had been written at step 0."""
    past = "prod(f[r], r, 1, T)*(c[0] + sum(i[s]*g[s]/prod(f[r], r, 1, s), s, 1, T))"
    two_steps = "c[T-2]*f[T]*f[T-1] + g[T-1]*i[T-1]*f[T] + g[T]*i[T]"
    return [(f"c[T] = {two_steps} = {past}", "unroll")]


COUPLED = {
    "i[t] = 1 - f[t]": (
        "c[T] = g[T] - f[T]*(g[T] - g[T-1]) - f[T]*f[T-1]*(g[T-1] - c[T-2])",
        "c[0]*prod(f[r], r, 1, T) + sum((1 - f[s])*g[s]*prod(f[r], r, s+1, T), s, 1, T)",
    ),
    "f[t] = 1 - i[t]": (
        "c[T] = i[T]*g[T] + (1 - i[T])*(i[T-1]*g[T-1] + (1 - i[T-1])*c[T-2])",
        "c[0]*prod(1 - i[r], r, 1, T) + sum(i[s]*g[s]*prod(1 - i[r], r, s+1, T), s, 1, T)",
    ),
}


def coupled_memory(twist):
    """Look both answers up."""
    return [(line, "unroll") for line in COUPLED[twist]]


def peephole_state(twist):
    """Write h[t] down with all peepholes, and delete those that are not asked for."""
    inner = (
        "(σ(b_f + u_f*h[t-1] + p_f*c[t-1] + w_f*x[t])*c[t-1]"
        " + tanh(b_g + u_g*h[t-1] + w_g*x[t])*σ(b_i + u_i*h[t-1] + p_i*c[t-1] + w_i*x[t]))"
    )
    for gate in {"f", "i"} - set(twist.split(", ")):
        inner = inner.replace(f" + p_{gate}*c[t-1]", "")
    return [
        ("h[t] = o[t]·tanh(c[t-1]·f[t] + g[t]·i[t])", "definition"),
        (f"σ(b_o + u_o·h[t-1] + p_o·{inner} + w_o·x[t])·tanh{inner}", "definition"),
    ]


def _weights(*rows):
    table = torch.tensor(rows, dtype=torch.float64)
    return table[:, :-1], torch.zeros(4, 1).double(), table[:, -1] / 2, table[:, -1] / 2


def latch():
    """Use columns bit, store, bias."""
    return _weights((0, 60, -30), (0, -60, 30), (9, 0, 0), (0, 0, 30))


def falling_memory():
    """Go up by a half at each step, and down through zero."""
    xs = torch.cat((torch.full((10, 1), 0.55), torch.full((20, 1), -0.55))).double()
    return (*_weights((0, 40), (0, 40), (1, 0), (0, 0)), xs)


def hidden_cell():
    """Use columns bit, show, bias."""
    return _weights((0, 0, 30), (0, 0, -30), (9, 0, 0), (0, 60, -30))


def claims():
    """Round what is rounded anyway."""
    zero_to_one = {"gate_low": 0, "gate_high": 1}
    signed = {"candidate_low": -1, "candidate_high": 1, "hidden_high": 1}
    hundred = {"memory_after_100": 100, "hidden_after_100_without_tanh": 100}
    no = {"memory_is_bounded": False, "bounded_without_tanh": False}
    return {**zero_to_one, **signed, **hundred, "hidden_after_100": 1, **no}
