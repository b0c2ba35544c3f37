"""Which members of a family the gate asks: `make test` a few of them, `make test-full` all."""

from collections.abc import Collection
from typing import Any

import pytest


def few(members: Collection[Any], count: int) -> list[Any]:
    """For `parametrize`: the members, all behind the first `count` marked `full`."""
    return [
        member if n < count else marked(member, pytest.mark.full)
        for n, member in enumerate(members)
    ]


def marked(member: Any, mark: pytest.MarkDecorator) -> Any:
    return pytest.param(*(member if isinstance(member, tuple) else (member,)), marks=mark)
