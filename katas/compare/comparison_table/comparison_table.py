"""RNN, LSTM and GRU in numbers, and a choice that rests on them."""

from collections.abc import Mapping
from typing import Any


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
    raise NotImplementedError


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
    raise NotImplementedError
