"""The longest routes: every definition a line of its own, the left side always there, cells run."""

import torch
from torch import nn

GATES = {"f": "σ", "i": "σ", "g": "tanh", "o": "σ"}


def _replaced(line: str, quantity: str, text: str) -> tuple[str, str]:
    return line.replace(quantity, text), f"definition: {quantity}"


def _written_out(line: str, left: str, gates: str) -> list[tuple[str, str]]:
    lines = [(f"{left} = {line}", "definition")]
    for gate in gates:
        line, word = _replaced(line, f"{gate}[t]", f"{GATES[gate]}(a_{gate}[t])")
        lines.append((f"{left} = {line}", word))
    for gate in gates:
        inner = f"w_{gate}·x[t] + u_{gate}·h[t-1] + b_{gate}"
        line, word = _replaced(line, f"a_{gate}[t]", inner)
        lines.append((f"{left} = {line}", "Substitute: the pre-activation"))
    return lines


def cell_state() -> list[tuple[str, str]]:
    """Replace one quantity by its definition in each line."""
    return _written_out("f[t]*c[t-1] + i[t]*g[t]", "c[t]", "fig")


def hidden_state() -> list[tuple[str, str]]:
    """Replace one quantity by its definition in each line."""
    first = ("h[t] = o[t] ⊙ tanh(c[t])", "definition")
    return [first, *_written_out("o[t]*tanh(f[t]*c[t-1] + i[t]*g[t])", "h[t]", "figo")]


def unrolled_memory() -> list[tuple[str, str]]:
    """Split the last step off the sum, then see that the rest has the same form."""
    memory = "∏(f[k], k, 1, {0})*c[0] + Σ(i[s]*g[s]*∏(f[k], k, s+1, {0}), s, 1, {0})"
    return [
        ("c[T]", "start"),
        ("= f[T]*c[T-1] + i[T]*g[T]", "definition"),
        ("= f[T]*(f[T-1]*c[T-2] + i[T-1]*g[T-1]) + i[T]*g[T]", "definition"),
        ("= f[T]*c[T-1] + i[T]*g[T]", "definition: back again"),
        (f"= f[T]*({memory.format('T-1')}) + i[T]*g[T]", "unroll: the same for T-1"),
        (
            "= ∏(f[k], k, 1, T)*c[0] + Σ(i[s]*g[s]*∏(f[k], k, s+1, T), s, 1, T-1) + i[T]*g[T]",
            "algebra: f[T] goes into each product",
        ),
        (f"= {memory.format('T')}", "algebra: i[T]*g[T] is the term of s = T"),
    ]


def coupled_memory(twist: str) -> list[tuple[str, str]]:
    """Derive the untwisted sum, then replace the tied gate in each of its terms."""
    tied, free = ("i", "f") if twist.startswith("i") else ("f", "i")
    lines = [
        "c[T] = f[T]*c[T-1] + i[T]*g[T]",
        "c[T] = f[T]*(f[T-1]*c[T-2] + i[T-1]*g[T-1]) + i[T]*g[T]",
        "c[T] = ∏(f[k], k, 1, T)*c[0] + Σ(i[s]*g[s]*∏(f[k], k, s+1, T), s, 1, T)",
    ]
    for step in ("T", "T-1", "k", "s"):
        lines = [line.replace(f"{tied}[{step}]", f"(1 - {free}[{step}])") for line in lines]
    return [(line, "substitute: the tied gate") for line in lines]


def peephole_state(twist: str) -> list[tuple[str, str]]:
    """Replace one quantity by its definition in each line, the gates one after the other."""
    line = "o[t]*tanh(f[t]*c[t-1] + i[t]*g[t])"
    lines = [("h[t] = o[t]*tanh(c[t])", "definition"), (f"h[t] = {line}", "definition")]
    for gate in "ofig":
        line, word = _replaced(line, f"{gate}[t]", f"{GATES[gate]}(a_{gate}[t])")
        lines.append((f"h[t] = {line}", word))
    memory = "(σ(a_f[t])*c[t-1] + σ(a_i[t])*tanh(a_g[t]))"
    seen = {"o": memory, "f": "c[t-1]", "i": "c[t-1]"}
    for gate in "ofig":
        inner = f"w_{gate}*x[t] + u_{gate}*h[t-1] + b_{gate}"
        if gate in twist:
            inner += f" + p_{gate}*{seen[gate]}"
        line, word = _replaced(line, f"a_{gate}[t]", inner)
        lines.append((f"h[t] = {line}", word))
    return lines


def _cell(inputs: int) -> nn.LSTMCell:
    cell = nn.LSTMCell(inputs, 1)
    for parameter in cell.parameters():
        nn.init.zeros_(parameter)
    return cell


@torch.no_grad()
def latch() -> list[torch.Tensor]:
    """Fill the four gates one after the other."""
    cell = _cell(2)
    i, f, g, o = cell.weight_ih.chunk(4)
    i[0, 1], f[0, 1], g[0, 0], o[0, 1] = 50.0, -50.0, 3.0, 0.0
    cell.bias_hh.copy_(torch.tensor([-25.0, 25.0, 0.0, 25.0]))
    return [p.detach() for p in cell.parameters()]


@torch.no_grad()
def falling_memory() -> list[torch.Tensor]:
    """Let the hidden state feed nothing, and the input be a wave."""
    cell = _cell(1)
    cell.weight_ih[2] = 2.0
    cell.bias_ih.copy_(torch.tensor([12.0, 12.0, 0.0, -3.0]))
    xs = torch.sin(torch.arange(60.0) / 4)[:, None]
    return [*(p.detach() for p in cell.parameters()), xs]


@torch.no_grad()
def hidden_cell() -> list[torch.Tensor]:
    """Fill the four gates one after the other."""
    cell = _cell(2)
    cell.weight_ih[2, 0] = 12.0
    cell.weight_ih[3, 1] = 100.0
    cell.bias_ih.copy_(torch.tensor([50.0, -50.0, 0.0, -50.0]))
    return [p.detach() for p in cell.parameters()]


@torch.no_grad()
def claims() -> dict[str, float | bool]:
    """Run a cell that is open everywhere, and read off."""
    cell = _cell(1)
    cell.bias_ih.fill_(20.0)
    h = c = torch.zeros(1, 1)
    for _ in range(100):
        h, c = cell(torch.zeros(1, 1), (h, c))
    far = torch.tensor([-100.0, 100.0])
    gate, candidate = far.sigmoid().tolist(), far.tanh().tolist()
    return {
        "gate_low": gate[0],
        "gate_high": gate[1],
        "candidate_low": candidate[0],
        "candidate_high": candidate[1],
        "hidden_high": candidate[1],
        "memory_after_100": c.item(),
        "hidden_after_100": h.item(),
        "hidden_after_100_without_tanh": c.item(),
        "memory_is_bounded": False,
        "bounded_without_tanh": False,
    }
