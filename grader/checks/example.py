"""A task's worked example on a learner's own code: the task's numbers beside theirs.

A kata's `example.py` calls the submission with the arguments of the worked example, and sets each
answer beside what the task says, the shape of an array too:

    def example(submission):
        h, c = submission["lstm_cell"](...)
        worked("c'", "1.8638 -0.4630", c, shape=(1, 2))
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import numpy as np
from torch import Tensor

from grader.checks.hearing import WorkedLine, current

MOST_ITEMS = 64
"""How many numbers and words of an answer are looked at."""
MOST_CHARACTERS = 60
"""How much of a word is kept."""
WHOLE = 1e-3
"""How far from a whole number a given number may be: a task writes 1 where it is 1."""

_NUMBER = re.compile(r"[-+]?(\d+(?:\.(\d*))?|\.(\d+))")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def worked(
    what: str,
    expected: str,
    given: Any,
    *,
    shape: tuple[int, ...] | None = None,
    within: float = 0.0,
) -> None:
    """Set what the worked example says beside what the submission gives.

    A number is right if it is the expected one once it is rounded to as many decimals. Brackets,
    commas and quotation marks only separate.

    Args:
        what: which result it is, in the words of the task: `c'`.
        expected: numbers and words in a row, as they stand in the section "A worked example" of
            the task. The audit looks for them there.
        given: the submission's: a number, a text, a tensor, or any lists, tuples and dicts of them.
        shape: of the array that is expected; `()` for a single number, also a plain one. The audit
            asks for it wherever a right answer is a tensor or an array.
        within: how far else a number may be from the expected one, where the task says so.
    """
    wanted = words_of(expected)
    found = list(islice(_leaves(given), MOST_ITEMS + 1))
    right = len(wanted) == len(found) and all(
        _agree(*pair, within) for pair in zip(wanted, found, strict=True)
    )
    shapes = (shape, _shape(given))
    shapes_differ = shape is not None and shapes[0] != shapes[1]
    likes = wanted if len(wanted) == len(found) else [max(wanted, key=_decimals)] * len(found)
    shown = [_shown(item, _decimals(like)) for item, like in zip(found, likes, strict=True)]
    if len(shown) > MOST_ITEMS:
        shown[MOST_ITEMS:] = ["..."]
    current().worked.append(
        WorkedLine(
            what,
            " ".join(wanted),
            " ".join(shown),
            right and not shapes_differ,
            shapes=shapes if shapes_differ else None,
            unshaped=shape is None and isinstance(given, Tensor | np.ndarray),
        )
    )


def words_of(text: str) -> list[str]:
    """The numbers and words of a text in their order, without what separates them."""
    found = re.findall(r"[^\s()\[\]{},;\"'`|]+", _THOUSANDS.sub("", text))
    return [word for word in (each.rstrip(".") for each in found) if word]


def stands_in(expected: str, text: str) -> bool:
    """Whether numbers and words stand in a text, one right behind the other."""
    wanted, words = words_of(expected), words_of(text)
    starts = range(len(words) - len(wanted) + 1)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in starts)


def _leaves(value: Any) -> Iterator[float | str]:
    """The numbers and words in an answer, in their order."""
    if isinstance(value, Tensor | np.ndarray):
        first = value.flatten()[: MOST_ITEMS + 1].tolist()
        yield from (_leaf(item) for item in first)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(key)
            yield from _leaves(item)
    elif isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield from words_of(value)
    else:
        yield _leaf(value)


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of an array, `()` for a number; None for what has none."""
    if isinstance(value, Tensor | np.ndarray):
        return tuple(value.shape)
    return () if isinstance(value, int | float) else None


def _leaf(value: Any) -> float | str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e300 else str(value)


def _agree(wanted: str, found: float | str, within: float) -> bool:
    if isinstance(found, str):
        return found == wanted
    if not _NUMBER.fullmatch(wanted):
        return False
    decimals = _decimals(wanted)
    half = 0.5 * 10.0**-decimals if decimals else WHOLE
    return abs(found - float(wanted)) <= max(half * (1 + 1e-6), within)


def _decimals(word: str) -> int:
    number = _NUMBER.fullmatch(word)
    return len(number[2] or number[3] or "") if number else 0


def _shown(item: float | str, decimals: int) -> str:
    if isinstance(item, str):
        return item[:MOST_CHARACTERS]
    if abs(item) >= 1e9 or item != item:
        return f"{item:.6g}"
    return f"{item:.{decimals}f}" if decimals or item != int(item) else f"{item:.0f}"
