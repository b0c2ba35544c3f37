"""What a call did to an argument that it should have left alone, in a few words.

Many submissions overwrite the same argument in the same way although their answers differ. So a
check that finds a changed argument observes these words, and a mistake is told by them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.checks.nested import arrays_in, is_array

AS_IT_WAS = "as it was"
MOST_PARTS = 16
"""How many changed parts of one argument are described."""


def described(old: Any, new: Any, answer: Any = None) -> str:
    """What became of an argument: `as it was`, `zeros in places`, `[0] holds an answer`.

    Args:
        old: the argument before the call; a tree of plain values, tensors and arrays.
        new: the same afterwards. It comes from a submission, and so does the answer.
        answer: what the call answered.
    """
    answers = [_plain(array) for _, array in arrays_in(answer)]
    changed = [f"{part} {word}".strip() for part, word in _changes(old, new, "", answers)]
    more = len(changed) - MOST_PARTS
    return ", ".join(changed[:MOST_PARTS] + [f"{more} more"] * (more > 0)) or AS_IT_WAS


def _changes(
    old: Any, new: Any, part: str, answers: list["np.ndarray[Any, Any]"]
) -> Iterator[tuple[str, str]]:
    """Each part of an argument that has changed, and how. Names of parts are the caller's."""
    if is_array(old):
        word = _array(old, new, answers) if is_array(new) else "is no array"
    elif isinstance(old, Mapping):
        word = _entries(old, new)
        if not word:
            for key in old:
                yield from _changes(old[key], new[key], f"{part}[{key!r}]", answers)
    elif isinstance(old, tuple | list):
        word = _items(old, new)
        if not word:
            for index, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from _changes(before, after, f"{part}[{index}]", answers)
    elif isinstance(old, bool | int | float | str | bytes | None):
        # An array in its place is not compared. And nan is nan.
        alike = type(old) is type(new) and (old == new or (old != old and new != new))
        word = "" if alike else "is another value"
    else:  # an object of the worker's
        word = ""
    if word:
        yield part, word


def _entries(old: Mapping[Any, Any], new: Any) -> str:
    if not isinstance(new, Mapping):
        return "is no dict"
    if old.keys() - new.keys():
        return "loses entries"
    if new.keys() - old.keys():
        return "gains entries"
    return "" if [*old] == [*new] else "is in another order"


def _items(old: Any, new: Any) -> str:
    if not isinstance(new, tuple | list):
        return "is no list"
    if len(old) != len(new):
        return "is longer" if len(new) > len(old) else "is shorter"
    if any(is_array(one) or isinstance(one, dict) for one in (*old, *new)):
        return ""
    before, after = [*map(repr, old)], [*map(repr, new)]
    reordered = before != after and sorted(before) == sorted(after)
    return "is in another order" if reordered else ""


def _array(old: Any, new: Any, answers: list["np.ndarray[Any, Any]"]) -> str:
    """How a tensor or an array has changed; empty if it has not."""
    before, after = _plain(old), _plain(new)
    if str(old.dtype) != str(new.dtype):
        return "has another dtype"
    if before.shape != after.shape:
        return "has another shape"
    if _same(before, after):
        tracked = isinstance(old, torch.Tensor) and isinstance(new, torch.Tensor)
        return "requires gradients" if tracked and old.requires_grad != new.requires_grad else ""
    if any(_same(after, one) for one in answers):
        return "holds an answer"
    with np.errstate(all="ignore"):
        return _numbers(before, after) if _is_numeric(after) else "holds other values"


def _numbers(before: "np.ndarray[Any, Any]", after: "np.ndarray[Any, Any]") -> str:
    """How numbers have changed, as long as one word says it; else their mean."""
    places = before != after
    written = after[places]
    where = "" if places.all() else " in places"
    if (written == written.flat[0]).all():
        if written.flat[0] == 0:
            return f"holds zeros{where}"
        if where and written.flat[0] in (after.min(), after.max()):
            return "is clipped"
    if not np.isfinite(after).all():
        return f"holds no finite numbers{where}"
    if np.array_equal(np.sort(before, axis=None), np.sort(after, axis=None)):
        return "is in another order"
    for word, change in (("is shifted", after - before), ("is scaled", after / before)):
        if not where and np.allclose(change, change.flat[0], rtol=1e-4, atol=1e-6):
            return f"{word} by {_rounded(change.flat[0])}"
    return f"holds other numbers{where}, {_rounded(after.mean())} on average"


def _rounded(number: float) -> str:
    """Two digits. Halves go up, whichever side of them a float's last digit is on."""
    return f"{number * (1 + 1e-6):.2g}"


def _plain(value: Any) -> "np.ndarray[Any, Any]":
    """The numbers of a tensor or an array, in float64 wherever they are numbers."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = (value.abs() if value.is_complex() else value.double()).numpy()
    array: np.ndarray[Any, Any] = np.asarray(value)
    return array.astype(np.float64) if _is_numeric(array) else array


def _is_numeric(array: "np.ndarray[Any, Any]") -> bool:
    return array.dtype.kind in "biuf"


def _same(one: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> bool:
    return np.array_equal(one, other, equal_nan=_is_numeric(one) and _is_numeric(other))
