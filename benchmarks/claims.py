"""The numbers behind docs/claims.md, measured here: `.venv/bin/python benchmarks/claims.py`.

Everything is seeded and runs on one thread, in float64 unless it says otherwise.
"""

import statistics
import time
from collections.abc import Sequence

import torch

H, INPUT = 64, 32
SEEDS = 8


def spread(values: Sequence[float]) -> str:
    """The median, and the range."""
    return f"{statistics.median(values):.2g} ({min(values):.2g} to {max(values):.2g})"


def parameters() -> None:
    """Count the weights of real layers."""
    print("Parameters of one layer, I = 32, H = 64")
    for kind, blocks in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        count = sum(p.numel() for p in getattr(torch.nn, kind)(INPUT, H).parameters())
        formula = blocks * H * (INPUT + H + 2)
        print(f"  {kind:4} {count:6}   blocks·H(I+H+2) = {formula}   blocks·H² = {blocks * H * H}")


def gradient_paths() -> None:
    """Compare the direct path of an LSTM's gradient with all of it."""
    print(f"d c_T / d c_0 over T = 100 steps (Frobenius norm; median and range of {SEEDS} seeds)")
    for bias in (0.0, 1.0, 3.0):
        direct, full = [], []
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            cell = torch.nn.LSTMCell(INPUT, H, dtype=torch.float64)
            with torch.no_grad():
                cell.bias_ih[H : 2 * H] += bias
            xs = torch.randn(100, INPUT, dtype=torch.float64)
            h = torch.zeros(H, dtype=torch.float64)
            c0 = torch.zeros(H, dtype=torch.float64)
            product = torch.ones(H, dtype=torch.float64)

            def run(c: torch.Tensor, *, cell=cell, xs=xs, h=h) -> torch.Tensor:
                for x in xs:
                    h, c = cell(x, (h, c))
                return c

            full.append(float(torch.autograd.functional.jacobian(run, c0).norm()))
            c = c0
            with torch.no_grad():
                for x in xs:
                    z = cell.weight_ih @ x + cell.bias_ih + cell.weight_hh @ h + cell.bias_hh
                    product = product * torch.sigmoid(z[H : 2 * H])
                    h, c = cell(x, (h, c))
            direct.append(float(product.norm()))
        print(
            f"  forget bias +{bias:.0f}: product of forget gates {spread(direct)}, "
            f"full Jacobian {spread(full)}"
        )
    print(f"  0.5^100 = {0.5**100:.1e}, 0.95^100 = {0.95**100:.1e}, 0.99^500 = {0.99**500:.4f}")


def plain_network() -> None:
    """Show that the gradient of a plain network decays or explodes, as its matrix will."""
    print(
        "Plain RNN, d h_100 / d h_0 (spectral norm), W = orthogonal times a factor; median and "
        f"range of {SEEDS} seeds"
    )
    for factor in (0.9, 1.0, 1.5):
        curved, straight = zip(*(_norms(factor, seed) for seed in range(SEEDS)), strict=True)
        print(f"  factor {factor}: with tanh {spread(curved)}, without {spread(straight)}")


def _norms(factor: float, seed: int) -> tuple[float, float]:
    """The spectral norms of d h_100 / d h_0, with the tanh and without it."""
    torch.manual_seed(seed)
    w = factor * torch.linalg.qr(torch.randn(H, H, dtype=torch.float64)).Q
    h = torch.zeros(H, dtype=torch.float64)
    linear = torch.eye(H, dtype=torch.float64)
    jacobian = torch.eye(H, dtype=torch.float64)
    for _ in range(100):
        h = torch.tanh(w @ h + 0.1 * torch.randn(H, dtype=torch.float64))
        jacobian = torch.diag(1 - h**2) @ w @ jacobian
        linear = w @ linear
    curved, straight = (float(torch.linalg.matrix_norm(m, 2)) for m in (jacobian, linear))
    return curved, straight


def speed() -> None:
    """Time GRU against LSTM, in turns, on this machine."""
    print("Seconds for a forward pass, N = 16, T = 100, I = H = 256, one thread (median of 15)")
    torch.manual_seed(0)
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(100, 16, 256, dtype=dtype)
        layers = {k: getattr(torch.nn, k)(256, 256, dtype=dtype) for k in ("LSTM", "GRU")}
        times: dict[str, list[float]] = {kind: [] for kind in layers}
        with torch.no_grad():
            for _ in range(15):
                for kind, layer in layers.items():
                    began = time.perf_counter()
                    layer(x)
                    times[kind].append(time.perf_counter() - began)
        lstm, gru = (statistics.median(times[kind]) for kind in ("LSTM", "GRU"))
        print(f"  {str(dtype)[6:]}: LSTM {lstm:.4f}, GRU {gru:.4f}; GRU / LSTM = {gru / lstm:.2f}")


def counters() -> None:
    """Find where adding one stops to count."""
    print("Largest n that a sum of ones can reach")
    for dtype in (torch.bfloat16, torch.float16):
        value = torch.zeros((), dtype=dtype)
        while value + 1 != value:
            value = value + 1
        print(f"  {str(dtype)[6:]}: {int(value)}")


def main() -> None:
    """Measure all."""
    torch.set_num_threads(1)
    for measure in (parameters, gradient_paths, plain_network, speed, counters):
        measure()


if __name__ == "__main__":
    main()
