"""Which members of a family the gate asks: `make test` a few of them, `make test-full` all.

And how slow the machine is on which it asks them.
"""

import time
from collections.abc import Collection, Container
from functools import cache
from typing import Any

import pytest


def few(members: Collection[Any], count: int) -> list[Any]:
    """For `parametrize`: the members, all behind the first `count` marked `full`."""
    return _asked(members, range(count))


def each(members: Collection[Any], step: int) -> list[Any]:
    """For `parametrize`: the members, all but the first, and each so many behind it, marked `full`.

    For a family whose kinds stand together.
    """
    return _asked(members, range(0, len(members), step))


def _asked(members: Collection[Any], by_the_gate: Container[int]) -> list[Any]:
    marks = [() if n in by_the_gate else (pytest.mark.full,) for n in range(len(members))]
    every = [member if isinstance(member, tuple) else (member,) for member in members]
    return [pytest.param(*one, marks=own) for one, own in zip(every, marks, strict=True)]


LOOP_S = 0.008
"""What the loop of `slowness` takes on a machine that runs all of the gate's tests in 7 minutes."""


@cache
def slowness() -> float:
    """How much longer Python takes here, from 1: a bound in seconds is one of that machine."""

    def loop() -> float:
        began = time.process_time()
        for number in range(400_000):
            _ = number + 1
        return time.process_time() - began

    return max(1.0, min(loop() for _ in range(5)) / LOOP_S)
