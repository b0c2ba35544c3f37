"""Long routes, and claims that are run instead of worked out."""

import time
from itertools import count

import torch
from torch import nn


def lstm_to_gru() -> list[tuple[str, str]]:
    """Tie the gates first, and keep the left side in every line."""
    mixture = "f[t]*c[t-1] + (1 - f[t])*g[t]"
    return [
        ("h[t] = o[t]*tanh(c[t])", "definition"),
        ("h[t] = o[t]*tanh(f[t]*c[t-1] + i[t]*g[t])", "definition: c"),
        (f"h[t] ≈ o[t]*tanh({mixture})", "tied gates: what is not kept is written"),
        (f"h[t] ≈ o[t]*({mixture})", "no output tanh"),
        (f"h[t] ≈ {mixture}", "open output"),
        (f"h[t] ≈ {mixture}".replace("c[t-1]", "h[t-1]"), "substitute"),
    ]


def gru_without_reset() -> list[tuple[str, str]]:
    """Open the reset gate before n is written out."""
    inner = "w_n*x[t] + b_in + r[t]*(u_n*h[t-1] + b_hn)"
    return [
        ("h[t]", "start"),
        ("= n[t] - z[t]*n[t] + z[t]*h[t-1]", "definition"),
        ("= (1 - z[t])*n[t] + z[t]*h[t-1]", "algebra"),
        (f"= (1 - z[t])*tanh({inner}) + z[t]*h[t-1]", "substitute"),
        (f"≈ (1 - z[t])*tanh({inner}) + z[t]*h[t-1]", "open reset"),
        (f"= (1 - z[t])*tanh({inner.replace('r[t]*', '')}) + z[t]*h[t-1]", "algebra"),
    ]


@torch.no_grad()
def counter() -> tuple[torch.Tensor, ...]:
    """Count downwards for an a: the sign of the unit is free."""
    cell = nn.LSTMCell(2, 1, dtype=torch.float64)
    for parameter in cell.parameters():
        parameter.zero_()
    cell.bias_hh[:2] = 30.0
    cell.weight_ih[2] = torch.tensor([-25.0, 25.0])
    return tuple(parameter.detach() for parameter in cell.parameters())


def gru_bound(h_0: float) -> float:
    """Run the two extreme cells: one keeps what it has, one takes its candidate."""
    cell = nn.GRUCell(1, 2, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.bias_ih[2:4] = torch.tensor([40.0, -40.0])
        cell.bias_ih[4:] = 40.0
        h = cell(torch.zeros(1, 1).double(), torch.full((1, 2), h_0).double())
    return h.abs().max().item()


def _median_time(layer: nn.Module, x: torch.Tensor) -> float:
    times = []
    for _ in range(25):
        begin = time.perf_counter()
        layer(x)
        times.append(time.perf_counter() - begin)
    return sorted(times[5:])[10]


def speed_ratio() -> float:
    """Measure one, the other, and the first again."""
    torch.set_num_threads(1)
    x, lstm, gru = torch.rand(50, 8, 32), nn.LSTM(32, 64), nn.GRU(32, 64)
    with torch.no_grad():
        first, middle, last = (_median_time(layer, x) for layer in (lstm, gru, lstm))
    return (first + last) / 2 / middle


def _size(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def _last_count(dtype: torch.dtype, start: int) -> float:
    c = torch.tensor(float(start), dtype=dtype)
    while (c + 1) != c:
        c = c + 1
    return c.item()


def claims() -> dict[str, float | bool]:
    """Count modules, step counters, and search for the crossover."""
    lstm, gru = nn.LSTM(128, 256), nn.GRU(128, 256)
    rest = (nn.Embedding(10_000, 128), nn.Linear(256, 10_000))
    d = 256

    def attention(n: int) -> int:
        return n * d * d * 3 + n * n * d + n * n * d + n * d * d

    def recurrence(n: int) -> int:
        return n * (d * 4 * d + d * 4 * d)

    return {
        "tied_lstm_is_gru_with_open_reset": True,
        "tied_lstm_is_any_gru": False,
        "tied_lstm_with_output_tanh_is_gru": False,
        "layer_ratio": _size(gru) / _size(lstm),
        "model_ratio": _size(gru, *rest) / _size(lstm, *rest),
        "bf16_limit": _last_count(torch.bfloat16, 0),
        "fp16_limit": _last_count(torch.float16, 0),
        "fp32_limit": _last_count(torch.float32, 2**24 - 100),
        "lstm_multiply_adds": recurrence(1_000),
        "attention_multiply_adds": attention(1_000),
        "crossover": next(n for n in count(1) if attention(n) > recurrence(n)),
        "attention_scores": 1_000 * 1_000,
        "lstm_state": sum(part.numel() for part in nn.LSTM(d, d)(torch.zeros(1, d))[1]),
        "lstm_chain_grows": True,
        "attention_chain_grows": False,
    }
