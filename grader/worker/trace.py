"""A call's own steps: what each operation of torch's was given and what it gave, line by line.

Values that the submission's lines make are kept as they are at that moment, until 2,000 operations
or a megabyte are reached. Where a call goes back through what it has computed, the gradient that
comes to each value is a step, too.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from grader.wire.messages import Step
from grader.worker.watch import (
    Left,
    Place,
    following,
    is_within,
    name_of,
    own_places,
    tensors,
    watching,
)

FILL = "fill_"
"""What writes a Python number into a tensor: where that came from, no trace says."""
RETURNED = "returned"
"""What returns an argument as it is: no operation has made it."""
FOUND = "found"
"""What was made where no trace sees it: by `torch.func`, say, or in an iteration over rows."""
BACKWARD = "backward"
"""What a gradient is made by on the way back through an expression, or added up by at the end."""
CUT = "cut"
"""The same, for a value that goes on without its history somewhere; there."""
GRADIENTS = frozenset({BACKWARD, CUT})
STEP = "step"
"""What an optimiser does to a parameter."""
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
    trace = _Trace(torch, arguments, path)
    left = Left(path)
    try:
        with following(left.follow), watching(torch, trace.keep):
            answer = call()
    finally:
        trace.forget()
    trace.answered(answer, left.place)
    return answer, Traced(tuple(trace.steps), tuple(trace.values), trace.ends)


class _Trace:
    """The steps of a call, taken down while it runs."""

    def __init__(self, torch: Any, arguments: object, path: str) -> None:
        self.steps: list[Step] = []
        self.values: list[Any] = []
        self._torch = torch
        self._path = path
        self._origin: dict[int, int] = {}  # the id of a tensor: its step, -1 - n for argument n
        self._alive: list[object] = []  # so that no id comes again
        self._size = 0
        self._hooks: dict[int, Any] = {}
        self._leaves: dict[int, Any] = {}  # the last step of each tensor that adds up gradients
        self._takers: dict[int, list[int]] = {}  # a step: those that were given its tensor
        self._cuts: dict[int, Place] = {}  # a step: where its tensor is cut from its history
        self._came_back: list[tuple[int, Any]] = []
        for number, tensor in enumerate(tensors(arguments, torch)):
            self._origin.setdefault(id(tensor), -1 - number)

    def ends(self, tree: object) -> tuple[int, ...]:
        """The step that made each tensor of an answer."""
        found = tensors(tree, self._torch)
        return tuple(self._origin.get(id(tensor), len(self.steps)) for tensor in found)

    def answered(self, tree: object, place: Place | None) -> None:
        """Where an argument is returned as it is: no operation has made it."""
        for tensor in tensors(tree, self._torch):
            given = self._origin.get(id(tensor), 0)
            if given < 0 and place:
                self._step(tensor, RETURNED, (given,), place)

    def forget(self) -> None:
        """Have no gradients told any more."""
        for hook in self._hooks.values():
            hook.remove()

    def keep(self, func: Any, asked: Any, value: Any) -> None:
        """Take down what a function of torch's was given, and gave."""
        with suppress(RuntimeError):  # what torch does not let anybody look at is no step
            self._keep(func, asked, value)

    def _keep(self, func: Any, asked: Any, value: Any) -> None:
        if self._is_full():
            return
        places = own_places(self._path, up=2)
        place, caller = next(places, None), next(places, None)
        if place is None:
            return
        name = name_of(func)
        called = caller.line if caller else 0
        back = self._gone_back()
        if is_within("torch.optim", self._path, up=2):
            self._stepped(tensors(value, self._torch), place, called)
            return
        inputs = list(tensors(asked, self._torch))
        if name == "backward":
            self._added_up(back, place, called)
            return
        outputs = list(tensors(value, self._torch))
        if name == "grad" and all(id(tensor) in self._origin for tensor in outputs):
            return  # it was added up, and is read
        if name == "__setitem__" and not isinstance(asked[0][-1], self._torch.Tensor):
            name = FILL
        writes = name in ("__setitem__", FILL)
        if writes and not outputs:
            outputs = inputs[:1]
        for tensor in inputs[1:] if writes else inputs:
            if id(tensor) not in self._origin:
                self._step(tensor, FOUND, (), place, called)
        origin = self._origin
        known = tuple(origin[id(tensor)] for tensor in inputs if id(tensor) in origin)
        known += tuple(back[number] for number in known if number in back)
        self._cut(inputs, outputs, place)
        for tensor in outputs:
            self._step(tensor, name, known, place, called)
            written = any(tensor is one for one in inputs)
            both = (tensor._base, tensor)  # a tensor, and the view of it that is written into
            if written and all(id(one) in origin for one in both):
                given = tuple(origin[id(one)] for one in both)
                self._step(both[0], "__setitem__", given, place, called)

    def _is_full(self) -> bool:
        return len(self.steps) >= MOST_STEPS or self._size >= MOST_BYTES

    def _step(
        self, tensor: Any, operation: str, given: Sequence[int], at: Place, called: int = 0
    ) -> None:
        size = tensor.numel() * tensor.itemsize
        if self._is_full() or tensor.is_complex() or size > MOST_OF_ONE:
            return
        before = self._origin.get(id(tensor))
        number = self._origin[id(tensor)] = len(self.steps)
        self._alive.append(tensor)
        self._size += size
        self.values.append(tensor.detach().clone())
        where = (at.line, at.function[:100], at.column, at.end)
        self.steps.append(Step(*where, operation[:40], tuple(given), called))
        for one in given:
            self._takers.setdefault(one, []).append(number)
        if operation not in GRADIENTS and tensor.requires_grad:
            with suppress(RuntimeError):  # as of torch.func's
                self._hear(tensor, number, before)

    def _hear(self, tensor: Any, number: int, before: int | None) -> None:
        """Have the gradients of a tensor told; a leaf, whatever is done to it, has one of them."""
        hook = tensor.register_hook(partial(self._comes_back, number))
        if tensor.is_leaf:
            if before in self._leaves:
                del self._leaves[before]
                self._hooks.pop(before).remove()
            self._leaves[number] = tensor
        self._hooks[number] = hook

    def _cut(self, inputs: Sequence[Any], outputs: Sequence[Any], place: Place) -> None:
        """Where numbers go on without their history."""
        if any(one.requires_grad or not one.is_floating_point() for one in outputs):
            return
        for tensor in inputs:
            if outputs and tensor.requires_grad and id(tensor) in self._origin:
                self._cuts.setdefault(self._origin[id(tensor)], place)

    def _stepped(self, written: Iterable[Any], place: Place, called: int) -> None:
        """What an optimiser makes of its parameters; what it computes for that is its own."""
        for tensor in written:
            number = self._origin.get(id(tensor))
            if number in self._leaves:
                gradient = self._origin.get(id(tensor.grad))
                given = (number,) if gradient is None else (number, gradient)
                self._step(tensor, STEP, given, place, called)

    # -- on the way back ---------------------------------------------------------------------------

    def _comes_back(self, number: int, gradient: Any) -> None:
        if not self._is_full():
            self._came_back.append((number, gradient.detach().clone()))

    def _gone_back(self) -> dict[int, int]:
        """Take down the gradients that have come back: by the step of each value, its gradient's.

        Each comes of the gradients of what was made of the value, and of what that was made of.
        """
        found: dict[int, int] = {}
        for number, gradient in self._came_back:
            takers = [taker for taker in self._takers.get(number, ()) if taker in found]
            given = (*takers, *(found[taker] for taker in takers))
            if number in self._cuts:
                self._step(gradient, CUT, given, self._cuts[number])
            else:
                step = self.steps[number]
                place = Place(step.line, step.function, step.column, step.end)
                self._step(gradient, BACKWARD, given, place, step.called)
            if id(gradient) in self._origin:
                found[number] = self._origin[id(gradient)]
        self._came_back.clear()
        return found

    def _added_up(self, back: dict[int, int], place: Place, called: int) -> None:
        """The gradients that leaves have after a call of `backward`."""
        for number, leaf in self._leaves.items():
            if number not in back or leaf.grad is None:
                continue
            before = self._origin.get(id(leaf.grad))
            given = (back[number],) if before is None else (back[number], before)
            self._step(leaf.grad, BACKWARD, given, place, called)
