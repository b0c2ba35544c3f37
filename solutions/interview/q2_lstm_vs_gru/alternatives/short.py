"""Short routes: everything that goes, goes in as few lines as there are names for it."""

import time

import torch
from torch import nn


def lstm_to_gru():
    """Name the three parts at once, one after the other, in another order."""
    return [
        ("h[t] ≈ tanh(c[t])", "open output"),
        ("h[t] ≈ tanh(f[t]·c[t-1] + (1 - f[t])·g[t])", "tied gates"),
        ("h[t] ≈ g[t] + f[t]·(h[t-1] - g[t])", "no output tanh"),
    ]


def gru_without_reset():
    """Write the interpolation as a step from the candidate towards the old state."""
    n = "tanh(u_n·h[t-1] + w_n·x[t] + b_hn + b_in)"
    return [(f"h[t] ~ {n} + z[t]·(h[t-1] - {n})", "open reset")]


def counter():
    """Count in steps of a half: tanh need not be saturated, only the same both ways."""
    w_ih = torch.tensor([[0, 0], [0, 0], [0.55, -0.55], [0, 0]], dtype=torch.float64)
    bias = torch.tensor([25, 25, 0, -7], dtype=torch.float64)
    return [w_ih, torch.zeros(4, 1).double(), bias / 2, bias / 2]


def gru_bound(h_0):
    """Take the end of an interval that holds both the start and every candidate."""
    return float(max(h_0, -h_0, 1))


@torch.inference_mode()
def speed_ratio():
    """Take the best of many: noise only ever adds time."""
    x, layers = torch.zeros(50, 8, 32), [nn.LSTM(32, 64), nn.GRU(32, 64)]
    best = [float("inf"), float("inf")]
    for _ in range(30):
        for index, layer in enumerate(layers):
            begin = time.perf_counter_ns()
            layer(x)
            best[index] = min(best[index], time.perf_counter_ns() - begin)
    return best[0] / best[1]


def claims():
    """Write the numbers down."""
    return {
        "tied_lstm_is_gru_with_open_reset": True,
        "tied_lstm_is_any_gru": False,
        "tied_lstm_with_output_tanh_is_gru": False,
        "layer_ratio": 0.75,
        "model_ratio": 0.9767,
        "bf16_limit": 256,
        "fp16_limit": 2_048,
        "fp32_limit": 16_777_216,
        "lstm_multiply_adds": 524_288_000,
        "attention_multiply_adds": 774_144_000,
        "crossover": 513,
        "attention_scores": 1_000_000,
        "lstm_state": 512,
        "lstm_chain_grows": True,
        "attention_chain_grows": False,
    }
