"""Whether a name that a worker says was stopped is one that can be.

A worker may make names up, and put into them what it was asked. So a name counts only where it is
forbidden and where there is such a thing in what the judge itself has imported.
"""

import sys
from functools import cache
from typing import Any

import torch

from grader.wire.messages import ENGINE, Forbidden

MOST = 200
"""No dotted name of torch's is longer."""


def can_be_stopped(name: str, rules: Forbidden, *, loading: bool = False) -> bool:
    """Whether the guard of these rules can have stopped something of this name.

    Before a submission is loaded the name stands in its text, and no case has been asked: then
    whatever is below a forbidden name will do.
    """
    if name in (*rules.names, *rules.modules, *rules.watched) or (rules.engine and name == ENGINE):
        return True
    if len(name) > MOST:
        return False
    short = name.removeprefix("torch.")
    operator = short in _operators() and any(word in short.lower() for word in rules.words)
    roots = (*rules.names, *rules.watched, *rules.modules)
    below = any(name.startswith(f"{root}.") for root in roots)
    return operator or (below and (loading or _exists(name)))


@cache
def _operators() -> frozenset[str]:
    """The operators of torch, without namespace and overload."""
    names = torch._C._dispatch_get_all_op_names()
    return frozenset(name.rpartition("::")[2].partition(".")[0] for name in names)


def _exists(dotted: str) -> bool:
    first, *rest = dotted.split(".")
    found: Any = sys.modules.get(first)
    for part in rest:
        found = getattr(found, part, None)
    return found is not None
