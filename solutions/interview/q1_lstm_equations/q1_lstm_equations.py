"""Interview, question 1: derive the equations of an LSTM, build with them, and say what follows."""

import math

import torch

I, F, G, O = range(4)  # noqa: E741  the rows of the weights, in torch's order
FAR = 20.0  # sigmoid(-20) is 2e-9, tanh(20) is 1


def cell_state() -> list[tuple[str, str]]:
    """Derive c[t] from the gates: nothing but x[t], h[t-1], c[t-1] and weights may be left.

        c[t] = f[t]*c[t-1] + i[t]*g[t] = ...

    In one line on the way, only a_f[t], a_i[t], a_g[t] and c[t-1] are left.

    Returns:
        Pairs (line, word), from ("c[t]", "start") on; each line equals the one before.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    # Derive c[t] from the gates, step by step.
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
    """Derive h[t] from the gates: nothing but x[t], h[t-1], c[t-1] and weights may be left.

        h[t] = o[t]*tanh(c[t]) = ...

    In one line on the way, only o[t], f[t], i[t], g[t] and c[t-1] are left.

    Returns:
        Pairs (line, word), from ("h[t]", "start") on; each line equals the one before.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    # Derive h[t] from the gates, step by step.
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
    """Derive c[T] as a sum over all that was written: only f, i, g and c[0] may be left.

        c[T] = f[T]*c[T-1] + i[T]*g[T] = ...

    In one line on the way, only c[T-2] and the f, i and g of the steps T-1 and T are left.

    Returns:
        Pairs (line, word), from ("c[T]", "start") on; each line equals the one before. T is at
        least 3.

    Source: the recurrence of Gers, Schmidhuber, Cummins 2000, section 3, written out.

    """
    # Derive c[T] as the sum of what was written, each times what was kept of it since.
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


def coupled_memory(twist: str) -> list[tuple[str, str]]:
    """Derive c[T] as a sum over all that was written, in a cell with one gate tied to another.

        c[T] = f[T]*c[T-1] + i[T]*g[T] = ...

    In one line on the way, only c[T-2], the free gate and g of the steps T-1 and T are left. In the
    last line, only the free gate, g and c[0] are left.

    Args:
        twist: the equation that replaces the tied gate's own: "i[t] = 1 - f[t]" (then f is the free
            gate) or "f[t] = 1 - i[t]" (then i is). The seed picks one of the two.

    Returns:
        Pairs (line, word), from ("c[T]", "start") on; each line equals the one before. T is at
        least 3.

    Source: Greff et al. 2017, section 3: coupled input and forget gates.

    """
    # Name what is kept and what is written, and unroll as before.
    kept, written = {
        "i[t] = 1 - f[t]": ("f[{0}]", "(1 - f[{0}])"),
        "f[t] = 1 - i[t]": ("(1 - i[{0}])", "i[{0}]"),
    }[twist]
    now, before = ((kept.format(step), written.format(step)) for step in ("T", "T-1"))
    return [
        ("c[T]", "start"),
        ("= f[T]*c[T-1] + i[T]*g[T]", "definition: step T"),
        (f"= {now[0]}*c[T-1] + {now[1]}*g[T]", "substitute: the tied gate"),
        (
            f"= {now[0]}*({before[0]}*c[T-2] + {before[1]}*g[T-1]) + {now[1]}*g[T]",
            "definition: step T-1",
        ),
        (
            f"= prod({kept.format('s')}, s, 1, T)*c[0]"
            f" + sum({written.format('s')}*g[s]*prod({kept.format('r')}, r, s+1, T), s, 1, T)",
            "unroll",
        ),
    ]


def peephole_state(twist: str) -> list[tuple[str, str]]:
    """Derive h[t] in a cell in which some gates see the memory.

        a_f[t] = w_f*x[t] + u_f*h[t-1] + p_f*c[t-1] + b_f     if f is among them; i likewise
        a_o[t] = w_o*x[t] + u_o*h[t-1] + p_o*c[t] + b_o       o sees the new memory

    In one line on the way, only o[t], f[t], i[t], g[t] and c[t-1] are left. In the last line, only
    x[t], h[t-1], c[t-1] and weights are left.

    Args:
        twist: the gates that see the memory: "f, o", "i, o" or "i, f, o". The seed picks one of the
            three.

    Returns:
        Pairs (line, word), from ("h[t]", "start") on; each line equals the one before.

    Source: Gers, Schmidhuber 2000, Recurrent Nets that Time and Count: peephole connections.

    """
    # Write c[t] out first: the output gate and the tanh both need it.
    p_i, p_f = (f" + p_{k}*c[t-1]" if k in twist else "" for k in "if")
    kept = f"σ(w_f*x[t] + u_f*h[t-1]{p_f} + b_f)*c[t-1]"
    written = f"σ(w_i*x[t] + u_i*h[t-1]{p_i} + b_i)*tanh(w_g*x[t] + u_g*h[t-1] + b_g)"
    gate = f"σ(w_o*x[t] + u_o*h[t-1] + p_o*({kept} + {written}) + b_o)"
    return [
        ("h[t]", "start"),
        ("= tanh(c[t])*o[t]", "definition: the output"),
        ("= tanh(f[t]*c[t-1] + i[t]*g[t])*o[t]", "definition: the new state"),
        (f"= tanh({kept} + {written})*{gate}", "substitute"),
    ]


def latch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` that keeps the last stored bit for ever.

    The input at each step is x = (bit, store): bit is -1 or 1, store is 0 or 1. At step 1 store
    is 1. After every step h_t has the sign of the bit that was stored last, and |h_t| >= 0.5.

    Returns:
        w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,): float32 or float64, rows i, f, g, o.

    """
    # Return a cell that replaces its memory when told to store, and else keeps it.
    w_ih, b_ih = torch.zeros(4, 2), torch.zeros(4)
    w_ih[I, 1], b_ih[I] = 2 * FAR, -FAR
    w_ih[F, 1], b_ih[F] = -2 * FAR, FAR
    w_ih[G, 0] = FAR
    b_ih[O] = FAR
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4)


def falling_memory() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a cell and an input with f >= 0.999 at every step and a memory that falls.

    From c_0 = h_0 = 0, c_t reaches at least 1 and is at most half of its peak at some later step.
    With a sigmoid as candidate there is no such cell.

    Returns:
        w_ih (4, 1), w_hh (4, 1), b_ih (4,), b_hh (4,) of an `nn.LSTMCell(1, 1)`, rows i, f, g, o,
        and xs (T, 1), at most 100 steps: float32 or float64.

    """
    # Return a cell that adds up its input, and an input that goes up and down again.
    w_ih = torch.tensor([[0.0], [0.0], [FAR], [0.0]])
    b_ih = torch.tensor([FAR, FAR, 0.0, FAR])
    xs = torch.tensor([[1.0]] * 3 + [[-1.0]] * 3)
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4), xs


def hidden_cell() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` whose h hides what its c holds.

    The input at each step is x = (bit, show): bit is -1 or 1, show is 0 or 1. After every step c_t
    has the sign of the bit of that step, and |c_t| >= 0.5. While show is 0, |h_t| <= 0.01. When
    show is 1, h_t has the sign of the bit, too, and |h_t| >= 0.5.

    Returns:
        w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,): float32 or float64, rows i, f, g, o.

    """
    # Return a cell that holds the bit of the step, and shows it when told to.
    w_show, b_show = torch.zeros(4, 2), torch.zeros(4)
    b_show[I] = FAR
    b_show[F] = -FAR
    w_show[G, 0] = FAR
    w_show[O, 1], b_show[O] = 2 * FAR, -FAR
    return w_show, torch.zeros(4, 1), b_show, torch.zeros(4)


def claims() -> dict[str, float | bool]:
    """Return your claims about an LSTM; the judge runs one and measures the same.

    Returns:
        gate_low, gate_high: infimum and supremum of what a gate can be.
        candidate_low, candidate_high: the same of the candidate g.
        hidden_high: supremum of |h_t|, whatever the weights.
        memory_after_100: c_100 where i = f = g = 1 at every step and c_0 = 0.
        hidden_after_100: h_100 there, with o = 1.
        hidden_after_100_without_tanh: h_100 there if the output is o*c instead of o*tanh(c).
        memory_is_bounded: whether |c_t| stays below some number for all t and all inputs, for any
            weights one may choose.
        bounded_without_tanh: the same for |h_t| if the output is o*c.

    """
    # Return what the equations say about ranges, with and without the last tanh.
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
