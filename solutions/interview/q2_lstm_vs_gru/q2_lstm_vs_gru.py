"""LSTM against GRU: where one is the other, what only one can, and what it costs."""

import statistics
import time

import torch
from torch import nn

I, F, G, O = range(4)  # noqa: E741  the rows of the weights, in torch's order
FAR = 20.0


def lstm_to_gru() -> list[tuple[str, str]]:
    """Take three parts off an LSTM, one by one."""
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
    """Open the reset gate of a GRU."""
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
    """Keep everything, and add 1 for an a and -1 for a b."""
    w_ih, b_ih = torch.zeros(4, 2), torch.zeros(4)
    w_ih[G] = torch.tensor([FAR, -FAR])
    b_ih[I] = FAR
    b_ih[F] = FAR
    return w_ih, torch.zeros(4, 1), b_ih, torch.zeros(4)


def gru_bound(h_0: float) -> float:
    """Use that h_t lies between h_{t-1} and a number between -1 and 1."""
    return max(1.0, abs(h_0))


def speed_ratio() -> float:
    """Time both in turns, warm, and compare the medians."""
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
    """Count, and say what follows from the equations."""
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
