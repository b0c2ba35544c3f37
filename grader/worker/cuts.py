"""Where a gradient is lost: at a cut from the graph, or where a derivative is not finite.

The call is made once more, watched: each of torch's functions says what it was given and what it
gave. An answer descends from its cut by way of tensors; where it was rebuilt from plain numbers,
the last place that made numbers is taken for the cut.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from grader.worker.watch import (
    Left,
    Place,
    following,
    is_called_from,
    name_of,
    own_place,
    tensors,
    watching,
)

MOST_EVENTS = 2_000
"""After so many calls of torch's functions, nothing more is followed."""

OWN = "torch.autograd.function"
"""The module that calls a submission's own `forward` and `backward`."""

_MAKES_A_TENSOR = {
    "detach": "detach",
    "detach_": "detach",
    "__get__": "data",
    "tensor": "tensor",
    "new_tensor": "tensor",
}
_MAKES_NUMBERS = {
    "item": "item",
    "__float__": "float",
    "__int__": "float",
    "__bool__": "",  # a condition; its branches keep their history
    "tolist": "tolist",
    "numpy": "numpy",
    "__array__": "numpy",
}


def first_cut(torch: Any, call: Callable[[], object], path: str) -> tuple[str, Place | None]:
    """How and where the answer of a call, or a part of it, loses its history.

    Args:
        torch: the module.
        call: makes the answer; it is called once.
        path: the submission's own file.

    Returns:
        how (one of "no_grad", "inference_mode", "detach", "data", "tensor", "item", "float",
        "tolist" and "numpy"; "" if that is not known), and the place in the submission's file.
    """
    cuts: list[tuple[str, Place | None]] = []
    after: dict[int, int] = {}  # the id of a tensor: the cut that it descends from
    alive: list[object] = []  # so that no id comes again
    numbers: list[int] = []

    def follow(func: Any, given: Any, value: Any) -> None:
        if len(alive) >= MOST_EVENTS:
            return
        inputs, outputs = list(tensors(given, torch)), list(tensors(value, torch))
        name = name_of(func)
        origin = next((after[id(tensor)] for tensor in inputs if id(tensor) in after), None)
        if any(tensor.requires_grad for tensor in inputs):
            cut(name, outputs)
        elif origin is not None and _MAKES_NUMBERS.get(name):
            numbers.append(origin)
        filled = inputs[:1] if name == "__setitem__" else []
        for tensor in (*outputs, *filled):
            alive.append(tensor)
            if origin is not None:
                after.setdefault(id(tensor), origin)

    def cut(name: str, outputs: list[Any]) -> None:
        how = _MAKES_NUMBERS.get(name, "")
        if not outputs and how:
            numbers.append(len(cuts))
        elif any(tensor.requires_grad or not tensor.is_floating_point() for tensor in outputs):
            return
        elif outputs and not torch.is_grad_enabled():
            if is_called_from(OWN):
                return  # a function with its own `backward`: torch switches gradients off itself
            how = "inference_mode" if torch.is_inference_mode_enabled() else "no_grad"
        elif outputs:
            how = _MAKES_A_TENSOR.get(name, "")
        if how:
            for tensor in outputs:
                after[id(tensor)] = len(cuts)
            cuts.append((how, own_place(path, up=3)))

    with watching(torch, follow):
        answer = call()
    for tensor in tensors(answer, torch):
        if id(tensor) in after:
            return cuts[after[id(tensor)]]
    return cuts[numbers[-1]] if numbers else ("", None)


def own_backward(
    call: Callable[[], object], pull: Callable[[Any], object], path: str
) -> tuple[str, Place | None]:
    """Where a gradient is returned by a `backward` of the submission's own.

    Args:
        call: makes the answer; it is called once.
        pull: takes the gradient of an answer.
        path: the submission's own file.

    Returns:
        "backward", and the place in the submission's file; ("", None) where it has none.
    """
    left = Left(path, caller=OWN)
    answer = call()
    with following(left.follow):
        pull(answer)
    return ("backward", left.place) if left.place else ("", None)


def first_not_finite(
    torch: Any, call: Callable[[], object], pull: Callable[[Any], object], path: str
) -> tuple[str, Place | None]:
    """Where, on the way back, a gradient stops being finite.

    Args:
        torch: the module.
        call: makes the answer; it is called once.
        pull: takes the gradient of an answer.
        path: the submission's own file.

    Returns:
        "not_finite", and the place in the submission's file; ("", None) where that is not known.
    """
    hooked: set[Any] = set()
    lost: list[Place | None] = []

    def follow(_: Any, given: Any, value: Any) -> None:
        """Each function that this call has put into the graph is heard, with the call's line."""
        place = own_place(path, up=2)
        waiting = [tensor.grad_fn for tensor in tensors((given, value), torch)]
        while waiting and len(hooked) < MOST_EVENTS:
            node = waiting.pop()
            if node is not None and node not in hooked:
                hooked.add(node)
                node.register_hook(partial(look, place))
                waiting += [before for before, _ in node.next_functions]

    def look(place: Place | None, gave: Any, was_given: Any) -> None:
        if not lost and finite(was_given) and not finite(gave):
            lost.append(place)

    def finite(gradients: Any) -> bool:
        return all(bool(one.isfinite().all()) for one in tensors(gradients, torch))

    with watching(torch, follow):
        answer = call()
    pull(answer)
    place = lost[0] if lost else None
    return ("not_finite", place) if place else ("", None)
