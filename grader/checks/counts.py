"""What torch's recurrent layers have and cost, counted on the modules themselves."""

from typing import Any

from hypothesis import strategies as st
from torch import nn

from grader.checks.strategies import Strategy, sizes

LAYERS: dict[str, type[nn.RNN | nn.LSTM | nn.GRU]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
KINDS = tuple(LAYERS)


def layer(kind: str, input_size: int, hidden_size: int, **options: Any) -> nn.RNNBase:
    """Torch's layer on the device "meta": it has shapes and takes no memory."""
    return LAYERS[kind](input_size, hidden_size, device="meta", **options)


def parameter_count(module: nn.Module, *, matrices_only: bool = False) -> int:
    """How many parameters a module has, or how many entries its matrices have."""
    return sum(p.numel() for p in module.parameters() if p.ndim == 2 or not matrices_only)


def layer_sizes(most: int) -> Strategy:
    """`input_size` and `hidden_size`, which differ: one taken for the other shows."""
    pairs = st.tuples(sizes(1, most), sizes(1, most)).filter(lambda pair: pair[0] != pair[1])
    return pairs.map(lambda pair: {"input_size": pair[0], "hidden_size": pair[1]})
