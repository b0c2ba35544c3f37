"""Routes by paths instead of rules: the direct term, plus all that goes through h."""

import torch
from torch import nn


def one_step() -> list[tuple[str, str]]:
    """Split by paths first; then write slopes by the gates' own values."""
    paths = "c[t-1]·f[t]·(1 - f[t])·u_f + g[t]·i[t]·(1 - i[t])·u_i + i[t]·(1 - g[t]²)·u_g"
    return [
        (
            "d(c[t], c[t-1]) = d(c[t], c[t-1], hold=h) + d(c[t], h[t-1])·d(h[t-1], c[t-1])",
            "chain rule",
        ),
        ("d(c[t], c[t-1]) = f[t] + d(c[t], h[t-1])·d(h[t-1], c[t-1])", "derivative"),
        (
            "d(c[t], c[t-1]) = f[t] + (c[t-1]·d(f[t], h[t-1]) + g[t]·d(i[t], h[t-1])"
            " + i[t]·d(g[t], h[t-1]))·d(h[t-1], c[t-1])",
            "product rule",
        ),
        ("d(c[t], c[t-1]) = f[t] + d(c[t], h[t-1])·o[t-1]·(1 - tanh(c[t-1])²)", "derivative"),
        (f"d(c[t], c[t-1]) = f[t] + ({paths})·o[t-1]·(1 - tanh(c[t-1])²)", "product rule"),
    ]


def coupled_step(twist: str) -> list[tuple[str, str]]:
    """Follow the paths of the cell with two free gates, then put the tied gate in."""
    tied, free = ("i", "f") if twist.startswith("i") else ("f", "i")
    sign = f"{free}[t]·(1 - {free}[t])·u_{free}"
    through = {
        "i": f"(c[t-1]·{sign} - g[t]·{sign} + (1 - f[t])·(1 - g[t]²)·u_g)",
        "f": f"(g[t]·{sign} - c[t-1]·{sign} + i[t]·(1 - g[t]²)·u_g)",
    }[tied]
    kept = "f[t]" if tied == "i" else "1 - i[t]"
    gates = "c[t-1]·d(f[t], h[t-1]) + g[t]·d(i[t], h[t-1]) + i[t]·d(g[t], h[t-1])"
    replaced = gates.replace(f"d({tied}[t], h[t-1])", f"(-d({free}[t], h[t-1]))")
    replaced = replaced.replace(f"{tied}[t]·", f"(1 - {free}[t])·")
    return [
        (f"d(c[t], c[t-1]) = f[t] + ({gates})·d(h[t-1], c[t-1])", "chain rule"),
        (f"= {kept} + ({replaced})·d(h[t-1], c[t-1])", "substitute: the tied gate"),
        (f"= {kept} + {through}·o[t-1]·(1 - tanh(c[t-1])²)", "derivative"),
    ]


def peephole_step(twist: str) -> list[tuple[str, str]]:
    """Separate what goes through h from what does not, with hold."""
    direct = "d(f[t], c[t-1], hold=h)·c[t-1] + d(i[t], c[t-1], hold=h)·g[t]"
    through = "c[t-1]·d(f[t], h[t-1]) + g[t]·d(i[t], h[t-1]) + i[t]·d(g[t], h[t-1])"
    slopes = {"f": "c[t-1]·f[t]·(1 - f[t])", "i": "g[t]·i[t]·(1 - i[t])", "g": "i[t]·(1 - g[t]²)"}
    seen = " + ".join(f"{slopes[k]}·p_{k}" for k in "fi" if k in twist)
    to_h = "(o[t-1]·(1 - tanh(c[t-1])²) + tanh(c[t-1])·o[t-1]·(1 - o[t-1])·p_o)"
    fed = " + ".join(f"{slopes[k]}·u_{k}" for k in "fig")
    return [
        (f"d(c[t], c[t-1]) = f[t] + {direct} + ({through})·d(h[t-1], c[t-1])", "chain rule"),
        (f"= f[t] + {seen} + ({fed})·{to_h}", "derivative"),
    ]


def rnn_steps() -> list[tuple[str, str]]:
    """Peel the last step off, and use the values of tanh for its slopes."""
    return [
        ("d(h[T], h[0]) = d(h[T], h[T-1])·d(h[T-1], h[0])", "chain rule"),
        ("= u·(1 - h[T]²)·d(h[T-1], h[0])", "derivative"),
        ("= u·(1 - h[T]²)·∏(u·(1 - h[s]²), s, 1, T-1)", "unroll"),
    ]


def many_steps() -> list[tuple[str, str]]:
    """Peel the last step off, and end with a sum of logarithms."""
    return [
        ("d(c[T], c[0]) ≈ f[T]*d(c[T-1], c[0], hold=h)", "direct path only"),
        ("= f[T]*f[T-1]*d(c[T-2], c[0], hold=(f, i, g))", "chain rule"),
        ("= f[T]*f[T-1]*prod(f[s], s, 1, T-2)", "unroll"),
        ("= exp(sum(log(f[s]), s, 1, T))", "algebra"),
    ]


def residual_blocks() -> list[tuple[str, str]]:
    """Differentiate the definition inside the product."""
    return [
        ("d(x[L], x[0]) = prod(d(x[k], x[k-1]), k, 1, L)", "chain rule"),
        ("= prod(d(x[k-1] + F[k](x[k-1]), x[k-1]), k, 1, L)", "definition"),
        ("= prod(1 + d(F[k](x[k-1]), x[k-1]), k, 1, L)", "sum rule"),
        ("= prod(1 + F[k]'(x[k-1]), k, 1, L)", "derivative"),
    ]


def resnet_from_lstm(u: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Fill a cell block by block, half of each bias in each vector."""
    size = b.numel()
    cell = nn.LSTMCell(1, size, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.weight_hh[2 * size : 3 * size] = u
        for vector in (cell.bias_ih, cell.bias_hh):
            vector.view(4, size)[:] = 20.0
            vector.view(4, size)[2] = b / 2
    return tuple(parameter.detach() for parameter in cell.parameters())


def not_identical() -> tuple[torch.Tensor, ...]:
    """Open by bias, and shut with one large input that the cell remembers nothing of."""
    w_ih = torch.tensor([0.0, -100.0, 0.0, 0.0], dtype=torch.float64)[:, None]
    b_ih = torch.tensor([-9.0, 12.0, 0.3, 0.0], dtype=torch.float64)
    keep = torch.zeros(20, 1, dtype=torch.float64)
    kill = keep.clone()
    kill[7] = 1.0
    return w_ih, torch.zeros(4, 1).double(), b_ih, torch.zeros(4).double(), keep, kill


@torch.no_grad()
def _measure(forget_bias: float | None) -> tuple[float, float]:
    lstm = nn.LSTM(16, 32, dtype=torch.float64)
    if forget_bias is not None:
        lstm.bias_ih_l0[32:64] = 0.0
        lstm.bias_hh_l0[32:64] = forget_bias
    xs = torch.randn(50, 1, 16).double()
    nudge = 1e-3
    c_0 = nudge * torch.cat((torch.eye(32), -torch.eye(32), torch.zeros(1, 32))).double()
    hs, (_, c) = lstm(xs.expand(50, 65, 16), (torch.zeros(1, 65, 32).double(), c_0[None]))
    jacobian = (c[0, :32] - c[0, 32:64]) / (2 * nudge)
    before = torch.cat((torch.zeros(1, 32).double(), hs[:-1, -1]))
    pre = xs[:, 0] @ lstm.weight_ih_l0.T + before @ lstm.weight_hh_l0.T
    forget = (pre + lstm.bias_ih_l0 + lstm.bias_hh_l0)[:, 32:64].sigmoid()
    return forget.log().mean().exp().item(), torch.linalg.svdvals(jacobian)[0].item() ** 0.02


def claims() -> dict[str, float | bool]:
    """Measure by nudging c_0 both ways in torch's own layer, eight draws each."""
    found = {}
    for name, bias in (("default", None), ("bias_3", 3.0)):
        draws = torch.tensor([_measure(bias) for _ in range(8)])
        direct, full = draws.mean(0).tolist()
        found |= {f"direct_rate_{name}": direct, f"full_rate_{name}": full}
    agree = abs(found["direct_rate_default"] / found["full_rate_default"] - 1) < 0.0002
    grows = found["full_rate_bias_3"] > 1
    kept = torch.tensor(0.99).double().pow(500).item()
    return {**found, "kept_after_500": kept, "direct_equals_full": agree, "full_can_grow": grows}
