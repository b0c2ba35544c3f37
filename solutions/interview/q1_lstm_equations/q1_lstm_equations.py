"""The equations of an LSTM: derived, built with, and measured."""

import math

import torch

I, F, G, O = range(4)  # noqa: E741  the rows of the weights, in torch's order
FAR = 20.0  # sigmoid(-20) is 2e-9, tanh(20) is 1


def cell_state() -> list[tuple[str, str]]:
    """Derive c[t] from the gates, step by step."""
    return [
        ("c[t]", "start"),
        ("= f[t]*c[t-1] + i[t]*g[t]", "definition: c"),
        ("= σ(a_f[t])*c[t-1] + σ(a_i[t])*tanh(a_g[t])", "definition: the gates"),
        (
            "= σ(w_f*x[t] + u_f*h[t-1] + b_f)*c[t-1]"
            " + σ(w_i*x[t] + u_i*h[t-1] + b_i)*tanh(w_g*x[t] + u_g*h[t-1] + b_g)",
            "substitute",
        ),
    ]


def hidden_state() -> list[tuple[str, str]]:
    """Derive h[t] from the gates, step by step."""
    gate = "σ(w_o*x[t] + u_o*h[t-1] + b_o)"
    kept = "σ(w_f*x[t] + u_f*h[t-1] + b_f)*c[t-1]"
    written = "σ(w_i*x[t] + u_i*h[t-1] + b_i)*tanh(w_g*x[t] + u_g*h[t-1] + b_g)"
    return [
        ("h[t]", "start"),
        ("= o[t]*tanh(c[t])", "definition: h"),
        ("= o[t]*tanh(f[t]*c[t-1] + i[t]*g[t])", "definition: the state"),
        (f"= {gate}*tanh({kept} + {written})", "substitute"),
    ]


def unrolled_memory() -> list[tuple[str, str]]:
    """Derive c[T] as the sum of what was written, each times what was kept of it since."""
    return [
        ("c[T]", "start"),
        ("= f[T]*c[T-1] + i[T]*g[T]", "definition: step T"),
        ("= f[T]*(f[T-1]*c[T-2] + i[T-1]*g[T-1]) + i[T]*g[T]", "definition: step T-1"),
        ("= f[T]*f[T-1]*c[T-2] + f[T]*i[T-1]*g[T-1] + i[T]*g[T]", "algebra"),
        (
            "= prod(f[s], s, 1, T)*c[0] + sum(i[s]*g[s]*prod(f[r], r, s+1, T), s, 1, T)",
            "unroll",
        ),
    ]


def latch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a cell that replaces its memory when told to store, and else keeps it."""
    w_ih, b_ih = torch.zeros(4, 2), torch.zeros(4)
    w_ih[I, 1], b_ih[I] = 2 * FAR, -FAR
    w_ih[F, 1], b_ih[F] = -2 * FAR, FAR
    w_ih[G, 0] = FAR
    b_ih[O] = FAR
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4)


def falling_memory() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a cell that adds up its input, and an input that goes up and down again."""
    w_ih = torch.tensor([[0.0], [0.0], [FAR], [0.0]])
    b_ih = torch.tensor([FAR, FAR, 0.0, FAR])
    xs = torch.tensor([[1.0]] * 3 + [[-1.0]] * 3)
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4), xs


def hidden_cell() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a cell that holds the bit of the step, and shows it when told to."""
    w_show, b_show = torch.zeros(4, 2), torch.zeros(4)
    b_show[I] = FAR
    b_show[F] = -FAR
    w_show[G, 0] = FAR
    w_show[O, 1], b_show[O] = 2 * FAR, -FAR
    return w_show, torch.zeros(4, 1), b_show, torch.zeros(4)


def claims() -> dict[str, float | bool]:
    """Return what the equations say about ranges, with and without the last tanh."""
    return {
        "gate_low": 0.0,
        "gate_high": 1.0,
        "candidate_low": -1.0,
        "candidate_high": 1.0,
        "hidden_high": 1.0,
        "memory_after_100": 100.0,
        "hidden_after_100": math.tanh(100.0),
        "hidden_after_100_without_tanh": 100.0,
        "memory_is_bounded": False,
        "bounded_without_tanh": False,
    }
