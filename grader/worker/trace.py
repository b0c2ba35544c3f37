"""A call's own steps: what each operation of torch's was given and what it gave, line by line.

Values that the submission's lines make are kept as they are at that moment, until 2,000 operations
or a megabyte are reached.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from grader.wire.messages import Step
from grader.worker.watch import Left, Place, following, name_of, own_places, tensors, watching

FILL = "fill_"
"""What writes a Python number into a tensor: where that came from, no trace says."""
RETURNED = "returned"
"""What returns an argument as it is: no operation has made it."""
FOUND = "found"
"""What was made where no trace sees it: by `torch.func`, say, or in an iteration over rows."""
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

    def step(tensor: Any, operation: str, known: tuple[int, ...], at: Place, called: int) -> None:
        nonlocal size
        if tensor.is_complex() or tensor.numel() * tensor.itemsize > MOST_OF_ONE:
            return
        origin[id(tensor)] = len(steps)
        alive.append(tensor)
        size += tensor.numel() * tensor.itemsize
        values.append(tensor.detach().clone())
        where = (at.line, at.function[:100], at.column, at.end)
        steps.append(Step(*where, operation[:40], known, called))

    def keep(func: Any, given: Any, value: Any) -> None:
        if len(steps) >= MOST_STEPS or size >= MOST_BYTES:
            return
        places = own_places(path)
        place, caller = next(places, None), next(places, None)
        if place is None:
            return
        name = name_of(func)
        inputs = list(tensors(given, torch))
        writes = name in ("__setitem__", FILL)
        if name == "__setitem__" and not isinstance(given[0][-1], torch.Tensor):
            name = FILL
        outputs = list(tensors(value, torch)) or (inputs[:1] if writes else [])
        called = caller.line if caller else 0
        for tensor in inputs[1:] if writes else inputs:
            if id(tensor) not in origin:
                step(tensor, FOUND, (), place, called)
        known = tuple(origin[id(tensor)] for tensor in inputs if id(tensor) in origin)
        for tensor in outputs:
            step(tensor, name, known, place, called)
            written = any(tensor is one for one in inputs)
            both = (tensor._base, tensor)  # a tensor, and the view of it that is written into
            if written and all(id(one) in origin for one in both):
                step(both[0], "__setitem__", tuple(origin[id(one)] for one in both), place, called)

    left = Left(path)
    with following(left.follow), watching(torch, keep):
        answer = call()
    for tensor in tensors(answer, torch):
        given = origin.get(id(tensor), 0)
        if given < 0 and left.place:
            step(tensor, RETURNED, (given,), left.place, 0)

    def ends(tree: object) -> tuple[int, ...]:
        return tuple(origin.get(id(tensor), len(steps)) for tensor in tensors(tree, torch))

    return answer, Traced(tuple(steps), tuple(values), ends)
