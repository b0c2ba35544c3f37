"""Question 3: how far gradients survive in an LSTM, and what ResNet has to do with it."""

import torch


def one_step() -> list[tuple[str, str]]:
    """Derive the total derivative of c[t] by c[t-1]: the direct term, and what goes through h[t-1].

        d(c[t], c[t-1]) = ...

    No d(...) may be left in the last line; everything else of the LSTM may occur. In one line on
    the way, only f[t], i[t], g[t], c[t-1] and h[t-1] occur, and each d(...) is of one of them.
    Every step is exact: nothing may be left out.

    Returns:
        Pairs (line, word), from ("d(c[t], c[t-1])", "start") on.

    Source: Gers, Schmidhuber, Cummins 2000; the truncation there drops what you keep here.

    """
    raise NotImplementedError


def coupled_step(twist: str) -> list[tuple[str, str]]:
    """Derive d(c[t], c[t-1]) in a cell with one gate tied to another.

    No d(...) and no trace of the tied gate (its value, its pre-activation, its weights) may be left
    in the last line. In one line on the way, only the free gate, g[t], c[t-1] and h[t-1] occur, and
    each d(...) is of one of them.

    Args:
        twist: the equation that replaces the tied gate's own: "i[t] = 1 - f[t]" (then f is the free
            gate) or "f[t] = 1 - i[t]" (then i is). The seed picks one of the two.

    Returns:
        Pairs (line, word), from ("d(c[t], c[t-1])", "start") on.

    Source: Greff et al. 2017, section 3: coupled input and forget gates.

    """
    raise NotImplementedError


def peephole_step(twist: str) -> list[tuple[str, str]]:
    """Derive d(c[t], c[t-1]) in a cell in which some gates see the memory.

        a_f[t] = w_f*x[t] + u_f*h[t-1] + p_f*c[t-1] + b_f     if f is among them; i likewise
        a_o[t] = w_o*x[t] + u_o*h[t-1] + p_o*c[t] + b_o       o sees the new memory

    No d(...) may be left in the last line. In one line on the way, only f[t], i[t], g[t], c[t-1]
    and h[t-1] occur, and each d(...) is of one of them.

    Args:
        twist: the gates that see the memory: "f, o", "i, o" or "i, f, o". The seed picks one of the
            three.

    Returns:
        Pairs (line, word), from ("d(c[t], c[t-1])", "start") on.

    Source: Gers, Schmidhuber 2000, Recurrent Nets that Time and Count: peephole connections.

    """
    raise NotImplementedError


def rnn_steps() -> list[tuple[str, str]]:
    """Derive the derivative of a plain RNN over T steps: h[t] = tanh(w*x[t] + u*h[t-1] + b).

        d(h[T], h[0]) = ...

    No d(...) may be left in the last line. Only u and h[...] may occur there: no a[...], no x[...].
    Every step is exact.

    Returns:
        Pairs (line, word), from ("d(h[T], h[0])", "start") on. T is at least 2.

    Source: Bengio, Simard, Frasconi 1994; Pascanu, Mikolov, Bengio 2013, section 2.

    """
    raise NotImplementedError


def many_steps() -> list[tuple[str, str]]:
    """Derive the direct path from c[0] to c[T]: a product of forget gates.

        d(c[T], c[0]) = ... ≈ ...

    Only forget gates may be left. That leaves something out; its line says ≈ and its name:
        "direct path only"      no derivative passes through the hidden state h

    Returns:
        Pairs (line, word), from ("d(c[T], c[0])", "start") on. T is at least 3.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    raise NotImplementedError


def residual_blocks() -> list[tuple[str, str]]:
    """Derive the derivative of a residual network: x[l] = x[l-1] + F[l](x[l-1]).

        d(x[L], x[0]) = ...

    No d(...) may be left in the last line; F[l]'(...) may. Every step is exact.

    Returns:
        Pairs (line, word), from ("d(x[L], x[0])", "start") on.

    Source: He, Zhang, Ren, Sun 2016 (Identity Mappings), section 2.

    """
    raise NotImplementedError


def resnet_from_lstm(
    u: torch.Tensor, b: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(1, H)` whose memory is a residual network.

        c_l = c_{l-1} + tanh(U·tanh(c_{l-1}) + b)        for every input x, within 1e-6

    The judge starts at any c_0, with h_0 = tanh(c_0), and runs 12 blocks with random inputs.

    Args:
        u: (H, H) float64.
        b: (H,) float64.

    Returns:
        w_ih (4H, 1), w_hh (4H, H), b_ih (4H,), b_hh (4H,): float64, row blocks i, f, g, o.

    """
    raise NotImplementedError


def not_identical() -> tuple[
    torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor
]:
    """Return one LSTM cell and two inputs: on one the gradient is kept, on the other it dies.

    Over 20 steps from c_0 = 0.5, h_0 = 0: |d c_20 / d c_0| >= 0.9 on the first input, and <= 0.001
    on the second (the total derivative, h_0 held fixed). In a residual network the direct term is
    1 whatever comes in, so the two are not the same thing.

    Returns:
        w_ih (4, 1), w_hh (4, 1), b_ih (4,), b_hh (4,) of an `nn.LSTMCell(1, 1)`, rows i, f, g, o,
        and the two inputs keep (20, 1) and kill (20, 1): float32 or float64.

    """
    raise NotImplementedError


def claims() -> dict[str, float | bool]:
    """Return your claims; the judge measures the same. Measure too, where you can.

    Setting: `nn.LSTMCell(16, 32)` as torch initialises it, 50 steps of inputs drawn from N(0, 1),
    c_0 = h_0 = 0, mean over 8 draws. "Bias 3" sets the forget gate's two biases so that they sum
    to 3, and leaves the rest. A rate is a factor per step: its 50th power is the whole.

    Returns:
        direct_rate_default, direct_rate_bias_3: geometric mean of the forget gates over all units
            and steps.
        full_rate_default, full_rate_bias_3: 50th root of the spectral norm of d c_50 / d c_0, the
            total derivative with h_0 held fixed.
        kept_after_500: what is left after 500 steps along the direct path if every forget gate is
            0.99.
        direct_equals_full: whether direct path and total derivative agree within 1% at default
            initialisation.
        full_can_grow: whether the total derivative can be larger than 1 although every forget gate
            is below 1 (look at your measurements).

    """
    raise NotImplementedError
