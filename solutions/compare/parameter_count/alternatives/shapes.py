"""List the shape of every array, as `state_dict` would, and multiply out."""

from collections.abc import Iterator
from math import prod


def shapes(
    kind: str, arriving: int, hidden: int, bias: bool, projection: int, framework: str
) -> Iterator[tuple[int, ...]]:
    """Yield the shapes of the arrays of one layer in one direction."""
    rows = {"rnn": 1, "gru": 3, "lstm": 4}[kind] * hidden
    yield rows, arriving
    yield rows, projection or hidden
    if bias:
        yield (rows,)
    if bias and (framework == "torch" or kind == "gru"):
        yield (rows,)
    if projection:
        yield projection, hidden


def parameter_count(
    kind,
    input_size,
    hidden_size,
    num_layers=1,
    bidirectional=False,
    bias=True,
    proj_size=0,
    framework="torch",
):
    """Count the parameters array by array."""
    if proj_size and (kind, framework) != ("lstm", "torch"):
        raise ValueError("there is no such projection")
    if not 0 <= proj_size < hidden_size:
        raise ValueError("proj_size must be at least 0 and below hidden_size")
    count, arriving = 0, input_size
    for _layer in range(num_layers):
        for _direction in range(1 + bidirectional):
            found = shapes(kind, arriving, hidden_size, bias, proj_size, framework)
            count += sum(map(prod, found))
        arriving = (proj_size or hidden_size) * (1 + bidirectional)
    return count
