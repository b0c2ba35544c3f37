"""Interview, question 2: what separates an LSTM from a GRU, and when to use which."""

import statistics
import time

import torch
from torch import nn

I, F, G, O = range(4)  # noqa: E741  the rows of the weights, in torch's order
FAR = 20.0


def lstm_to_gru() -> list[tuple[str, str]]:
    """Derive, from an LSTM's h[t], a mixture of h[t-1] and g[t]; name every part that goes.

        h[t] = o[t]*tanh(c[t]) = ... ≈ ...

    Only f[t], g[t] and h[t-1] may be left. What may be left out, each with its own line and ≈:
        "tied gates"        the input gate becomes 1 - f
        "open output"       the output gate becomes 1
        "no output tanh"    the output becomes o*c instead of o*tanh(c)

    Returns:
        Pairs (line, word), from ("h[t]", "start") on.

    Source: Cho et al. 2014, section 2.3; Greff et al. 2017 (coupled input and forget gates).

    """
    # Take three parts off an LSTM, one by one.
    return [
        ("h[t]", "start"),
        ("= o[t]*tanh(c[t])", "definition: h"),
        ("≈ o[t]*c[t]", "no output tanh"),
        ("≈ c[t]", "open output"),
        ("= f[t]*c[t-1] + i[t]*g[t]", "definition: c"),
        ("≈ f[t]*c[t-1] + (1 - f[t])*g[t]", "tied gates"),
        ("= f[t]*h[t-1] + (1 - f[t])*g[t]", "substitute: h and c are one now"),
    ]


def gru_without_reset() -> list[tuple[str, str]]:
    """Derive what a GRU's h[t] is when its reset gate is open; name that as what goes.

        h[t] = (1 - z[t])*n[t] + z[t]*h[t-1] = ... ≈ ...

    Only z[t], h[t-1], x[t], w_n, u_n, b_in and b_hn may be left. What may be left out:
        "open reset"        the reset gate becomes 1

    Returns:
        Pairs (line, word), from ("h[t]", "start") on.

    Source: Cho et al. 2014, section 2.3, in torch's form.

    """
    # Open the reset gate of a GRU.
    return [
        ("h[t]", "start"),
        ("= (1 - z[t])*n[t] + z[t]*h[t-1]", "definition: h"),
        (
            "= (1 - z[t])*tanh(w_n*x[t] + b_in + r[t]*(u_n*h[t-1] + b_hn)) + z[t]*h[t-1]",
            "definition: n",
        ),
        (
            "≈ (1 - z[t])*tanh(w_n*x[t] + b_in + u_n*h[t-1] + b_hn) + z[t]*h[t-1]",
            "open reset",
        ),
    ]


def counter() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` that counts: a up, b down.

    The input at each step is one-hot: a = (1, 0), b = (0, 1); the sequence is a^n b^m, n from 1 to
    1,000, m from 0 to n. Let u be c after the first a: |u| >= 0.1. After n a's and m b's
    |c - (n - m) u| <= 0.1 |u|. So a^n b^n is told from a^n b^(n-1) by looking at c.

    Returns:
        w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,): float32 or float64, rows i, f, g, o.

    """
    # Keep everything, and add 1 for an a and -1 for a b.
    w_ih, b_ih = torch.zeros(4, 2), torch.zeros(4)
    w_ih[G] = torch.tensor([FAR, -FAR])
    b_ih[I] = FAR
    b_ih[F] = FAR
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4)


def gru_bound(h_0: float) -> float:
    """Return the smallest b with |h_t| <= b for every GRU, every input and every t >= 0.

    Args:
        h_0: the initial hidden state of every unit; any finite number.

    """
    # Use that h_t lies between h_{t-1} and a number between -1 and 1.
    return max(1.0, abs(h_0))


def speed_ratio() -> float:
    """Measure the time of `nn.LSTM` over the time of `nn.GRU` on this machine, now.

    Both with input_size 32, hidden_size 64, one layer, float32, no gradient, forward over x of
    shape (50, 8, 32) on one thread. At most half a second in all.

    Returns:
        The ratio: 2.0 says that the LSTM takes twice as long.

    """
    # Time both in turns, warm, and compare the medians.
    x = torch.randn(50, 8, 32)
    layers = (nn.LSTM(32, 64), nn.GRU(32, 64))
    times: list[list[float]] = [[], []]
    with torch.no_grad():
        for turn in range(11):
            for layer, taken in zip(layers, times, strict=True):
                begin = time.perf_counter()
                layer(x)
                if turn > 1:  # the first two warm up
                    taken.append(time.perf_counter() - begin)
    lstm, gru = map(statistics.median, times)
    return lstm / gru


def claims() -> dict[str, float | bool]:
    """Return your claims; the judge measures the same.

    Returns:
        tied_lstm_is_gru_with_open_reset: whether the LSTM with the three changes of `lstm_to_gru`
            computes what a GRU computes whose reset gate is 1 (weights chosen to fit).
        tied_lstm_is_any_gru: whether it computes what any GRU computes.
        tied_lstm_with_output_tanh_is_gru: whether it does so, reset at 1, if h = tanh(c) stays.
        layer_ratio: parameters of a GRU layer over those of an LSTM layer of the same sizes.
        model_ratio: the same for a whole model: embedding 10,000 x 128, one layer 128 -> 256,
            linear 256 -> 10,000 with bias.
        bf16_limit, fp16_limit, fp32_limit: where counting up by 1 stops in that dtype, from 0 on.
        lstm_multiply_adds: of one layer over 1,000 steps, input and hidden size 256, no biases.
        attention_multiply_adds: of one self-attention layer, one head, over 1,000 positions of
            width 256: projections of query, key, value and output, scores, and their use.
        crossover: the length from which on attention needs more of them than the LSTM.
        attention_scores: how many scores that layer works out.
        lstm_state: how many numbers the LSTM carries from step to step.
        lstm_chain_grows, attention_chain_grows: whether the longest chain of matrix products that
            must wait for each other grows with the length.

    """
    # Count, and say what follows from the equations.
    length, width = 1_000, 256
    lstm, gru = (blocks * 256 * (128 + 256 + 2) for blocks in (4, 3))
    rest = 10_000 * 128 + 256 * 10_000 + 10_000
    return {
        "tied_lstm_is_gru_with_open_reset": True,
        "tied_lstm_is_any_gru": False,
        "tied_lstm_with_output_tanh_is_gru": False,
        "layer_ratio": gru / lstm,
        "model_ratio": (gru + rest) / (lstm + rest),
        "bf16_limit": 2**8,
        "fp16_limit": 2**11,
        "fp32_limit": 2**24,
        "lstm_multiply_adds": length * 4 * width * (width + width),
        "attention_multiply_adds": 4 * length * width**2 + 2 * length**2 * width,
        "crossover": 2 * width,
        "attention_scores": length**2,
        "lstm_state": 2 * width,
        "lstm_chain_grows": True,
        "attention_chain_grows": False,
    }
