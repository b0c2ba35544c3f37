"""A call's own steps: what each operation of torch's was given and what it gave, line by line.

Values that the submission's lines make are kept as they are at that moment, until 2,000 operations
or a megabyte are reached.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from grader.wire.messages import Step
from grader.worker.watch import own_place, tensors, watching

FILL = "fill_"
"""What writes a Python number into a tensor: where that came from, no trace says."""
MOST_STEPS = 2_000
MOST_BYTES = 1 << 20
MOST_OF_ONE = 1 << 16


class Traced(NamedTuple):
    """How a call came to its answer.

    Args:
        steps: what was done, in order.
        values: what each step gave.
        ends: for the tensors of a tree their steps, or the number of steps where there is none.
    """

    steps: tuple[Step, ...]
    values: tuple[Any, ...]
    ends: Callable[[object], tuple[int, ...]]


def traced(
    torch: Any, call: Callable[[], object], arguments: object, path: str
) -> tuple[object, Traced]:
    """What a call answers, and the steps to it.

    Args:
        torch: the module.
        call: is called once.
        arguments: the call's arguments; their tensors are where values come from.
        path: the submission's own file.
    """
    steps: list[Step] = []
    values: list[Any] = []
    origin: dict[int, int] = {}  # the id of a tensor: its step, or -1 - n for the n-th argument
    alive: list[object] = []  # so that no id comes again
    size = 0
    for number, tensor in enumerate(tensors(arguments, torch)):
        origin.setdefault(id(tensor), -1 - number)

    def keep(func: Any, given: Any, value: Any) -> None:
        nonlocal size
        place = own_place(path) if len(steps) < MOST_STEPS and size < MOST_BYTES else None
        if place is None:
            return
        name = getattr(func, "__name__", "")
        inputs = list(tensors(given, torch))
        if name == "__setitem__":
            written = given[0][-1]
            name = name if isinstance(written, torch.Tensor) else FILL
        known = tuple(origin[id(tensor)] for tensor in inputs if id(tensor) in origin)
        outputs = list(tensors(value, torch)) or (
            inputs[:1] if name in ("__setitem__", FILL) else []
        )
        for tensor in outputs:
            if not tensor.is_floating_point() or tensor.numel() * tensor.itemsize > MOST_OF_ONE:
                continue
            origin[id(tensor)] = len(steps)
            alive.append(tensor)
            size += tensor.numel() * tensor.itemsize
            values.append(tensor.detach().clone())
            where = (place.line, place.function[:100], place.column, place.end)
            steps.append(Step(*where, name[:40], known))

    with watching(torch, keep):
        answer = call()

    def ends(tree: object) -> tuple[int, ...]:
        return tuple(origin.get(id(tensor), len(steps)) for tensor in tensors(tree, torch))

    return answer, Traced(tuple(steps), tuple(values), ends)
