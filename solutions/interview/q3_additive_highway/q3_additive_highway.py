"""Question 3: how far gradients survive in an LSTM, and what ResNet has to do with it."""

import torch
from torch import nn

FAR = 40.0  # sigmoid(40) is 1 in float64


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
    # Differentiate by the product rule, then go through h[t-1] by the chain rule.
    through_gates = "(c[t-1]*σ'(a_f[t])*u_f + g[t]*σ'(a_i[t])*u_i + i[t]*tanh'(a_g[t])*u_g)"
    return [
        ("d(c[t], c[t-1])", "start"),
        ("= d(f[t]*c[t-1] + i[t]*g[t], c[t-1])", "definition: c"),
        (
            "= f[t] + c[t-1]*d(f[t], c[t-1]) + g[t]*d(i[t], c[t-1]) + i[t]*d(g[t], c[t-1])",
            "product rule",
        ),
        (
            "= f[t] + (c[t-1]*d(f[t], h[t-1]) + g[t]*d(i[t], h[t-1]) + i[t]*d(g[t], h[t-1]))"
            "*d(h[t-1], c[t-1])",
            "chain rule: the gates see c[t-1] through h[t-1]",
        ),
        (f"= f[t] + {through_gates}*d(h[t-1], c[t-1])", "derivative: gates"),
        (f"= f[t] + {through_gates}*o[t-1]*tanh'(c[t-1])", "derivative: h"),
    ]


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
    # Collect what multiplies the free gate, and differentiate once.
    free, kept, moved = {
        "i[t] = 1 - f[t]": ("f", "f[t]", "(c[t-1] - g[t])"),
        "f[t] = 1 - i[t]": ("i", "(1 - i[t])", "(g[t] - c[t-1])"),
    }[twist]
    written = "(1 - f[t])" if free == "f" else "i[t]"
    slope_of_h = "o[t-1]*tanh'(c[t-1])"
    return [
        ("d(c[t], c[t-1])", "start"),
        (f"= d({kept}*c[t-1] + {written}*g[t], c[t-1])", "definition: c and the tied gate"),
        (
            f"= {kept} + {moved}*d({free}[t], c[t-1]) + {written}*d(g[t], c[t-1])",
            "product rule: the free gate occurs twice",
        ),
        (
            f"= {kept} + ({moved}*σ'(a_{free}[t])*u_{free} + {written}*tanh'(a_g[t])*u_g)"
            f"*{slope_of_h}",
            "chain rule",
        ),
    ]


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
    # A gate that sees c[t-1] has a slope of its own, beside the one through h[t-1].
    through_h = "(o[t-1]*tanh'(c[t-1]) + tanh(c[t-1])*σ'(a_o[t-1])*p_o)"
    see_f, see_i = (f"p_{k} + " if k in twist else "" for k in "fi")
    return [
        ("d(c[t], c[t-1])", "start"),
        (
            "= f[t] + c[t-1]*d(f[t], c[t-1]) + i[t]*d(g[t], c[t-1]) + g[t]*d(i[t], c[t-1])",
            "product rule: by all paths",
        ),
        (
            f"= f[t] + c[t-1]*σ'(a_f[t])*({see_f}u_f*{through_h})"
            f" + g[t]*σ'(a_i[t])*({see_i}u_i*{through_h})"
            f" + i[t]*tanh'(a_g[t])*u_g*{through_h}",
            "chain rule: directly, and through h",
        ),
    ]


def rnn_steps() -> list[tuple[str, str]]:
    """Derive the derivative of a plain RNN over T steps: h[t] = tanh(w*x[t] + u*h[t-1] + b).

        d(h[T], h[0]) = ...

    No d(...) may be left in the last line. Only u and h[...] may occur there: no a[...], no x[...].
    Every step is exact.

    Returns:
        Pairs (line, word), from ("d(h[T], h[0])", "start") on. T is at least 2.

    Source: Bengio, Simard, Frasconi 1994; Pascanu, Mikolov, Bengio 2013, section 2.

    """
    # One factor a step: the weight, and the slope of tanh at the step's own value.
    return [
        ("d(h[T], h[0])", "start"),
        ("= prod(d(h[s], h[s-1]), s, 1, T)", "chain rule"),
        ("= prod(tanh'(a[s])*u, s, 1, T)", "derivative"),
        ("= prod(u*(1 - h[s]**2), s, 1, T)", "substitute: tanh' is 1 - tanh**2"),
    ]


def many_steps() -> list[tuple[str, str]]:
    """Derive the direct path from c[0] to c[T]: a product of forget gates.

        d(c[T], c[0]) = ... ≈ ...

    Only forget gates may be left. That leaves something out; its line says ≈ and its name:
        "direct path only"      no derivative passes through the hidden state h

    Returns:
        Pairs (line, word), from ("d(c[T], c[0])", "start") on. T is at least 3.

    Source: Gers, Schmidhuber, Cummins 2000, section 3.

    """
    # Hold h, and what is left is a chain of forget gates.
    return [
        ("d(c[T], c[0])", "start"),
        ("≈ d(c[T], c[0], hold=h)", "direct path only"),
        ("= prod(d(c[s], c[s-1], hold=h), s, 1, T)", "chain rule"),
        ("= prod(f[s], s, 1, T)", "derivative"),
    ]


def residual_blocks() -> list[tuple[str, str]]:
    """Derive the derivative of a residual network: x[l] = x[l-1] + F[l](x[l-1]).

        d(x[L], x[0]) = ...

    No d(...) may be left in the last line; F[l]'(...) may. Every step is exact.

    Returns:
        Pairs (line, word), from ("d(x[L], x[0])", "start") on.

    Source: He, Zhang, Ren, Sun 2016 (Identity Mappings), section 2.

    """
    # Multiply the blocks' derivatives.
    return [
        ("d(x[L], x[0])", "start"),
        ("= prod(d(x[l], x[l-1]), l, 1, L)", "chain rule"),
        ("= prod(1 + F[l]'(x[l-1]), l, 1, L)", "sum rule"),
    ]


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
    # Open the three gates for ever, and let the candidate be F.
    size = len(b)
    w_ih = torch.zeros(4 * size, 1, dtype=u.dtype)
    zero = torch.zeros_like(u)
    w_hh = torch.cat((zero, zero, u, zero))
    opened = torch.full_like(b, FAR)
    b_ih = torch.cat((opened, opened, b, opened))
    return w_ih, w_hh, b_ih, torch.zeros_like(b_ih)


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
    # Let the input decide whether the forget gate is open.
    w_ih = torch.tensor([[0.0], [FAR], [0.0], [0.0]])
    keep = torch.ones(20, 1)
    kill = -torch.ones(20, 1)
    return w_ih, torch.zeros(4, 1), torch.zeros(4), torch.zeros(4), keep, kill


def _rates(forget_bias: float | None, *, draws: int = 8, steps: int = 50) -> tuple[float, float]:
    """Measure the rates per step, along the direct path and in full, over all draws at once."""
    inputs, size = 16, 32
    cells = [nn.LSTMCell(inputs, size, dtype=torch.float64) for _ in range(draws)]
    w_ih, w_hh, b_ih, b_hh = (
        torch.stack(parts).detach() for parts in zip(*(c.parameters() for c in cells), strict=True)
    )
    if forget_bias is not None:
        b_ih[:, size : 2 * size] = forget_bias
        b_hh[:, size : 2 * size] = 0
    # A copy of each cell for each row of its Jacobian: h and c are (draws, row, unit).
    c_0 = torch.zeros(draws, size, size, dtype=torch.float64, requires_grad=True)
    h, c, logs = torch.zeros_like(c_0), c_0, 0.0
    for x in torch.randn(steps, draws, 1, inputs, dtype=torch.float64):
        gates = x @ w_ih.mT + h @ w_hh.mT + (b_ih + b_hh)[:, None]
        i, f, g, o = gates.chunk(4, dim=2)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        logs = logs + f[:, 0].detach().sigmoid().log().mean(1)
    (jacobian,) = torch.autograd.grad(c.diagonal(dim1=1, dim2=2).sum(), c_0)
    full = torch.linalg.matrix_norm(jacobian, 2) ** (1 / steps)
    return (logs / steps).exp().mean().item(), full.mean().item()


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
    # Measure both paths at both initialisations.
    direct_default, full_default = _rates(None)
    direct_bias_3, full_bias_3 = _rates(3.0)
    return {
        "direct_rate_default": direct_default,
        "full_rate_default": full_default,
        "direct_rate_bias_3": direct_bias_3,
        "full_rate_bias_3": full_bias_3,
        "kept_after_500": 0.99**500,
        "direct_equals_full": False,
        "full_can_grow": True,
    }
