"""What a submission reports while it trains: shown at once, and kept as curves.

The numbers are the submission's own. They are shown to a person and decide nothing.
"""

import math
from itertools import islice
from typing import Any

from msgspec.structs import replace

from grader.text import one_line
from grader.verdict import Status
from grader.wire.messages import Progress

MOST_POINTS = 400
MOST_LINES = 4
MOST_NUMBERS = 8
_NAME = 20


def bounded(word: Progress) -> Progress:
    """A word of progress with its first numbers alone: a worker may send a hundred thousand."""
    numbers = islice(word.numbers.items(), MOST_NUMBERS)
    return replace(word, numbers={name[:_NAME]: value for name, value in numbers})


def told(word: Progress) -> str:
    """A word of progress, as it is shown."""
    numbers = ", ".join(f"{name[:_NAME]} {value:.4g}" for name, value in word.numbers.items())
    return f"step {word.step:,} {numbers}".rstrip()


class Curve:
    """The words of progress of one check, thinned so that they stay few."""

    def __init__(self) -> None:
        self._words: list[Progress] = []
        self._every, self._seen = 1, 0
        self._last: Progress | None = None

    def add(self, word: Progress) -> None:
        """One more word, as `bounded` gives it."""
        self._last = word
        if self._seen % self._every == 0:
            self._words.append(word)
        self._seen += 1
        if len(self._words) > MOST_POINTS:
            self._words, self._every = self._words[::2], 2 * self._every

    def figures(self, check: str) -> list[dict[str, Any]]:
        """A figure of the verdict: each reported number over the steps; none if none came.

        Where the steps of a number begin again, another training has begun, with a line of its own.
        """
        words = self._words + ([self._last] if self._last and self._last not in self._words else [])
        lines: dict[str, list[tuple[float, float]]] = {}
        begun: dict[str, tuple[int, int]] = {}
        for word in words:
            for name, value in word.numbers.items():
                training, before = begun.get(name, (1, word.step))
                training += word.step < before
                begun[name] = training, word.step
                shown = one_line(name[:_NAME])
                if training > 1:
                    shown = f"{shown[: _NAME - 4]} ({training})"
                if math.isfinite(value) and (shown in lines or len(lines) < MOST_LINES):
                    lines.setdefault(shown, []).append((word.step, value))
        if not lines:
            return []
        named = [{"label": name, "points": points} for name, points in lines.items()]
        return [
            {"title": f"Training in {check}", "lines": named, "x": "step", "y": "", "log": True}
        ]

    def explain(self, status: Status, message: str) -> str:
        """A message with what the curve adds to it, where training went wrong."""
        if status in (Status.PASSED, Status.NOT_RUN, Status.INTERNAL_ERROR) or self._last is None:
            return message
        values = self._last.numbers.values()
        so_far = f"It last reported {told(self._last)}."
        if any(not math.isfinite(value) for value in values):
            so_far += (
                " The training diverged: look at the learning rate, at the clipping of gradients, "
                "and at logarithms and divisions that can meet zero."
            )
        elif status is Status.TIMED_OUT:
            so_far += " Is a step slower than it must be, or are there too many steps?"
        return f"{message} {so_far}".strip()
