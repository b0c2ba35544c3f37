"""Interview, question 1: derive the equations of an LSTM, build with them, and say what follows."""

import torch


def cell_state() -> list[tuple[str, str]]:
    """Derive c[t] from the gates: nothing but x[t], h[t-1], c[t-1] and weights may be left.

        c[t] = f[t]*c[t-1] + i[t]*g[t] = ...

    In one line on the way, only a_f[t], a_i[t], a_g[t] and c[t-1] are left.

    Returns:
        Pairs (line, word), from ("c[t]", "start") on; each line equals the one before.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    raise NotImplementedError


def hidden_state() -> list[tuple[str, str]]:
    """Derive h[t] from the gates: nothing but x[t], h[t-1], c[t-1] and weights may be left.

        h[t] = o[t]*tanh(c[t]) = ...

    In one line on the way, only o[t], f[t], i[t], g[t] and c[t-1] are left.

    Returns:
        Pairs (line, word), from ("h[t]", "start") on; each line equals the one before.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    raise NotImplementedError


def unrolled_memory() -> list[tuple[str, str]]:
    """Derive c[T] as a sum over all that was written: only f, i, g and c[0] may be left.

        c[T] = f[T]*c[T-1] + i[T]*g[T] = ...

    In one line on the way, only c[T-2] and the f, i and g of the steps T-1 and T are left.

    Returns:
        Pairs (line, word), from ("c[T]", "start") on; each line equals the one before. T is at
        least 3.

    Source: the recurrence of Gers, Schmidhuber, Cummins 2000, section 3, written out.

    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def latch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` that keeps the last stored bit for ever.

    The input at each step is x = (bit, store): bit is -1 or 1, store is 0 or 1. At step 1 store
    is 1. After every step h_t has the sign of the bit that was stored last, and |h_t| >= 0.5.

    Returns:
        w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,): float32 or float64, rows i, f, g, o.

    """
    raise NotImplementedError


def falling_memory() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a cell and an input with f >= 0.999 at every step and a memory that falls.

    From c_0 = h_0 = 0, c_t reaches at least 1 and is at most half of its peak at some later step.
    With a sigmoid as candidate there is no such cell.

    Returns:
        w_ih (4, 1), w_hh (4, 1), b_ih (4,), b_hh (4,) of an `nn.LSTMCell(1, 1)`, rows i, f, g, o,
        and xs (T, 1), at most 100 steps: float32 or float64.

    """
    raise NotImplementedError


def hidden_cell() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` whose h hides what its c holds.

    The input at each step is x = (bit, show): bit is -1 or 1, show is 0 or 1. After every step c_t
    has the sign of the bit of that step, and |c_t| >= 0.5. While show is 0, |h_t| <= 0.01. When
    show is 1, h_t has the sign of the bit, too, and |h_t| >= 0.5.

    Returns:
        w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,): float32 or float64, rows i, f, g, o.

    """
    raise NotImplementedError


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
    raise NotImplementedError
