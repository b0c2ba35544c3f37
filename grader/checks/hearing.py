"""A hearing: the context in which a check's body runs.

It says how exact answers must be and whether they are judged at all, and it keeps what the body
observes and records. One record, set in one place: `hearing`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct

MAX_RECORDED = 64


class Policy(Struct, frozen=True):
    """How an allowed difference is derived: see `[tolerance]` in `kata.toml`."""

    factor: float = 10.0
    floor: float = 16.0


class WorkedLine(Struct, frozen=True):
    """A result of a worked example.

    Args:
        what: which result it is.
        expected: what the task says.
        given: what a submission gives.
        right: whether that is the same.
        shapes: where they differ, the expected shape and the given one (None: it has none).
        unshaped: the answer is an array, and no shape is expected of it.
    """

    what: str
    expected: str
    given: str
    right: bool
    shapes: tuple[tuple[int, ...] | None, tuple[int, ...] | None] | None = None
    unshaped: bool = False


@dataclass
class Hearing:
    """What holds while a body runs, and what it leaves behind.

    Args:
        policy: how an allowed difference is derived.
        data: a file or folder of real data to train on; None for what a check makes itself.
        judging: False while a diagnosis only listens: `expect` and its kin return at once.
        observations: what `observe` said, in order.
        metrics: what `record` said: the last number of each name.
        figures: what `record_figure` said, in order.
        worked: what `worked` said of a worked example, in order.
        rounding: what `expect` would have put down to rounding while not judging: the largest
            difference, as a share of the largest value expected.
        plain: a number in an answer may be a tensor or an array of shape ().
        held_plain: answers, or parts of them, of which that is so although `plain` is not.
    """

    policy: Policy = field(default_factory=Policy)
    data: Path | None = None
    judging: bool = True
    observations: list[tuple[str, Any]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    figures: list[dict[str, Any]] = field(default_factory=list)
    worked: list[WorkedLine] = field(default_factory=list)
    rounding: float = 0.0
    plain: bool = False
    held_plain: list[object] = field(default_factory=list)

    @property
    def keeps(self) -> bool:
        """Whether there is something in it for the verdict."""
        return bool(self.metrics or self.figures)


_current: ContextVar[Hearing | None] = ContextVar("hearing", default=None)


def current() -> Hearing:
    """The hearing that the caller is in; outside of any, a fresh one with the usual policy."""
    return _current.get() or Hearing()


@contextmanager
def hearing(context: Hearing) -> Iterator[Hearing]:
    """Run what is inside the block in this hearing."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def observe(label: str, value: bool | int | float | str) -> None:
    """Describe the behaviour of an answer, where many different answers are right.

    A diagnosis then compares these descriptions alone.
    """
    current().observations.append((label, value))


def plain_numbers() -> None:
    """Take a tensor or an array of shape () for a number, where a diagnosis compares answers.

    For a check of what may be either. `expect` does so for what is held against a plain number.
    """
    current().plain = True


def data_path() -> Path | None:
    """The file or folder given with `--data`, to train and judge on; None without."""
    return current().data


def record(name: str, value: float) -> None:
    """Put a number that the judge measured into the verdict's `metrics`.

    Args:
        name: what it is, with its unit where one could doubt it: `bits_per_character`.
        value: the number; a later one of the same name replaces it. One that is not finite is left
            out, since JSON has no word for it: the check says in words that a loss became nan.
    """
    metrics = current().metrics
    if math.isfinite(value) and (name in metrics or len(metrics) < MAX_RECORDED):
        metrics[name[:100]] = float(value)


def record_text(title: str, text: str) -> None:
    """Put a text among the verdict's `figures`: a tune, a translation, a sample.

    Args:
        title: what it is.
        text: its lines; at most 4,000 characters are kept.
    """
    figures = current().figures
    if len(figures) < MAX_RECORDED:
        figures.append({"title": title, "text": text[:4_000]})


def record_figure(
    title: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x: str = "step",
    y: str = "",
    log: bool = False,
) -> None:
    """Put the curves of a figure into the verdict's `figures`.

    Args:
        title: of the figure.
        series: for each curve its name and its points (x, y); those that are not finite are left
            out.
        x: what the horizontal axis is.
        y: what the vertical axis is.
        log: whether the vertical axis is logarithmic.
    """
    figures = current().figures
    if len(figures) < MAX_RECORDED:
        lines = [
            {"label": name, "points": [point for point in points if all(map(math.isfinite, point))]}
            for name, points in series.items()
        ]
        figures.append({"title": title, "lines": lines, "x": x, "y": y, "log": log})
