"""RNN, LSTM and GRU in numbers, and a choice that rests on them."""

from collections.abc import Mapping
from typing import Any

GATES = {"rnn": 0, "lstm": 3, "gru": 2}
STATES = {"rnn": 1, "lstm": 2, "gru": 1}


def comparison_table(input_size: int, hidden_size: int) -> dict[str, dict[str, int]]:
    """Tabulate what one layer of each kind has and costs.

    With B blocks:  parameters = B H (I + H + 2),  multiply_adds = B H (I + H).

    Args:
        input_size: I >= 1.
        hidden_size: H >= 1.

    Returns:
        For "rnn", "lstm" and "gru" each a dict of whole numbers: "gates", "states", "blocks",
        "parameters" (torch, both biases) and "multiply_adds" (one step, one sequence, matrix
        products only).

    Source: the equations in the documentation of torch.nn.RNN, LSTM and GRU.

    """
    table = {}
    for kind, gates in GATES.items():
        blocks = gates + 1  # the candidate
        weights = blocks * hidden_size * (input_size + hidden_size)
        biases = 2 * blocks * hidden_size
        table[kind] = {
            "gates": gates,
            "states": STATES[kind],
            "blocks": blocks,
            "parameters": weights + biases,
            "multiply_adds": weights,
        }
    return table


def choose(task: Mapping[str, Any]) -> str:
    """Choose a layer by what fits and by what was measured.

    Args:
        task: "length" T, "width" d (input and hidden size), the limits "max_steps", "max_kept" and
            "max_parameters", all int; and "difference", a pair of floats (low, high): a 95%
            interval for score(LSTM) - score(GRU).

    Returns:
        "lstm", "gru", "either" or "attention".

    Raises:
        ValueError: neither a recurrence nor attention fits the limits.

    Source: the rule is this kata's own; see its README.

    """
    length, width = task["length"], task["width"]
    table = comparison_table(width, width)

    def fits(steps: int, kept: int, parameters: int) -> bool:
        return (
            steps <= task["max_steps"]
            and kept <= task["max_kept"]
            and parameters <= task["max_parameters"]
        )

    lstm = fits(length, 2 * width, table["lstm"]["parameters"])
    gru = fits(length, width, table["gru"]["parameters"])
    attention = fits(1, 2 * length * width, 4 * width**2 + 4 * width)
    low, high = task["difference"]

    if lstm and gru:
        if low > 0:
            return "lstm"
        return "gru" if high < 0 else "either"
    if gru:
        return "gru"
    if attention:
        return "attention"
    raise ValueError(f"nothing fits the limits of {dict(task)}")
