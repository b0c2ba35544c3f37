"""Two mistakes at once: which pairs of misconceptions a wrong answer is worth comparing with.

A kata's misconceptions make a thousand pairs and more, too many to ask each of them. Of two
mistakes, the one that comes first in the formulas makes its first wrong value from right ones, so
the submission makes that value too. A trace of each misconception tells which those are, and only
pairs with one of them are asked.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import torch

from grader.course.misconceptions import Misconception, both_edited
from grader.judge.conversation import Exchange
from grader.judge.suspect import Entries, values_of

MOST_PAIRS = 60
"""How many pairs are asked. A count, not a time: the same seed gives the same verdict."""


class Pair(NamedTuple):
    """Two misconceptions in one source, in the order in which their edits stand in it."""

    first: Misconception
    second: Misconception
    source: bytes

    @property
    def id(self) -> str:
        """The names of both."""
        return f"{self.first.id} + {self.second.id}"


def first_wrong(log: Sequence[Exchange], right: Entries) -> torch.Tensor | None:
    """The first value on the way to the answers that no right answer makes; None if there is none.

    Args:
        log: what was asked and answered, traced.
        right: all that right answers make.
    """
    for exchange in log:
        if exchange.answer is None:
            return None
        for value in values_of(exchange):
            if value not in right:
                return value
    return None


def pairs_of(
    first: Sequence[Misconception], candidates: Sequence[Misconception], solution: str
) -> Iterator[Pair]:
    """Pairs whose edits do not overlap; those of two that `first` holds come first.

    Args:
        first: misconceptions of which the submission makes the first wrong value.
        candidates: all that it may have made.
        solution: the solution's text.
    """
    seen = set()
    among = ((one, other) for one in first for other in first)
    beside = ((one, other) for one in first for other in candidates)
    for one, other in chain(among, beside):
        key = frozenset((one.id, other.id))
        if len(key) == 2 and key not in seen:
            seen.add(key)
            made = both_edited(one, other, solution)
            if made is not None:
                yield Pair(*made)
