"""Which members of a family the gate asks: `make test` a few of them, `make test-full` all."""

from collections.abc import Collection
from typing import Any

import pytest


def few(members: Collection[Any], count: int) -> list[Any]:
    """For `parametrize`: the members, all behind the first `count` marked `full`."""
    every = [member if isinstance(member, tuple) else (member,) for member in members]
    marks = [() if n < count else (pytest.mark.full,) for n in range(len(every))]
    return [pytest.param(*one, marks=own) for one, own in zip(every, marks, strict=True)]
