"""Rows as named tuples, and a choice by elimination."""

from typing import NamedTuple


class Row(NamedTuple):
    """One row of the table."""

    gates: int
    states: int
    blocks: int
    parameters: int
    multiply_adds: int


def row(gates, states, i, h):
    """Fill in a row."""
    per_block = h * (i + h)
    blocks = 1 + gates
    return Row(gates, states, blocks, blocks * (per_block + h + h), blocks * per_block)


def comparison_table(input_size, hidden_size):
    """Build the rows, then turn them into dicts."""
    counts = {"lstm": (3, 2), "gru": (2, 1), "rnn": (0, 1)}
    return {kind: row(*c, input_size, hidden_size)._asdict() for kind, c in counts.items()}


def choose(task):
    """Strike out what does not fit, then look at who is left."""
    d, t = task["width"], task["length"]
    limits = task["max_steps"], task["max_kept"], task["max_parameters"]
    table = comparison_table(d, d)
    needs = {
        "lstm": (t, 2 * d, table["lstm"]["parameters"]),
        "gru": (t, d, table["gru"]["parameters"]),
        "attention": (1, 2 * t * d, 4 * d * (d + 1)),
    }
    left = [name for name, need in needs.items() if all(map(int.__le__, need, limits))]
    if not left:
        raise ValueError("nothing is left")
    if left[:2] != ["lstm", "gru"]:
        return left[0]
    low, high = task["difference"]
    return "either" if low <= 0 <= high else left[0] if low > 0 else left[1]
