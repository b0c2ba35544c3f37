"""The additive path: derived with everything in it, cut down, compared with ResNet, measured."""

import torch
from torch import nn

FAR = 40.0  # sigmoid(40) is 1 in float64


def one_step() -> list[tuple[str, str]]:
    """Differentiate by the product rule, then go through h[t-1] by the chain rule."""
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


def many_steps() -> list[tuple[str, str]]:
    """Hold h, and what is left is a chain of forget gates."""
    return [
        ("d(c[T], c[0])", "start"),
        ("≈ d(c[T], c[0], hold=h)", "direct path only"),
        ("= prod(d(c[s], c[s-1], hold=h), s, 1, T)", "chain rule"),
        ("= prod(f[s], s, 1, T)", "derivative"),
    ]


def residual_blocks() -> list[tuple[str, str]]:
    """Multiply the blocks' derivatives."""
    return [
        ("d(x[L], x[0])", "start"),
        ("= prod(d(x[l], x[l-1]), l, 1, L)", "chain rule"),
        ("= prod(1 + F[l]'(x[l-1]), l, 1, L)", "sum rule"),
    ]


def resnet_from_lstm(
    u: torch.Tensor, b: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Open the three gates for ever, and let the candidate be F."""
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
    """Let the input decide whether the forget gate is open."""
    w_ih = torch.tensor([[0.0], [FAR], [0.0], [0.0]])
    keep = torch.ones(20, 1)
    kill = -torch.ones(20, 1)
    return w_ih, torch.zeros(4, 1), torch.zeros(4), torch.zeros(4), keep, kill


def _rates(forget_bias: float | None, *, draws: int = 8, steps: int = 50) -> tuple[float, float]:
    """Measure the rates per step, along the direct path and in full."""
    inputs, size = 16, 32
    direct, full = [], []
    for _ in range(draws):
        cell = nn.LSTMCell(inputs, size, dtype=torch.float64)
        if forget_bias is not None:
            with torch.no_grad():
                cell.bias_ih[size : 2 * size] = forget_bias
                cell.bias_hh[size : 2 * size] = 0
        h, c = torch.zeros(
            2, size, size, dtype=torch.float64
        )  # one row for each row of the Jacobian
        c_0 = c.requires_grad_()
        c, logs = c_0, []
        for x in torch.randn(steps, inputs, dtype=torch.float64):
            before = torch.nn.functional.linear(h, cell.weight_hh, cell.bias_hh)
            gates = before + torch.nn.functional.linear(x, cell.weight_ih, cell.bias_ih)
            i, f, g, o = gates.chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            logs.append(torch.nn.functional.logsigmoid(f[0]).mean())
        (jacobian,) = torch.autograd.grad(c.diagonal().sum(), c_0)
        norm = torch.linalg.matrix_norm(jacobian, 2)
        direct.append(torch.stack(logs).mean().exp().item())
        full.append(norm.pow(1 / steps).item())
    return sum(direct) / draws, sum(full) / draws


def claims() -> dict[str, float | bool]:
    """Measure both paths at both initialisations."""
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
