"""Two mistakes at once: which pairs of misconceptions a wrong answer is worth comparing with.

A kata's misconceptions make a thousand pairs and more, too many to ask each of them. Of two
mistakes, the one that comes first in the formulas makes its first wrong value from right ones, so
the submission makes that value too. A trace of each misconception tells which those are, and only
pairs with one of them are asked.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
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


class Traces(NamedTuple):
    """What a misconception leaves behind on the way to its answers.

    Args:
        first_wrong: the first value that no right answer makes; None if there is none.
        left_out: values of the solution that it does not make.
    """

    first_wrong: torch.Tensor | None
    left_out: Sequence[torch.Tensor]

    def begins_in(self, made: Entries, *, otherwise: bool = False) -> bool:
        """Whether its first wrong value is among what was made; `otherwise` if it has none."""
        return otherwise if self.first_wrong is None else self.first_wrong in made

    def kept_in(self, made: Entries) -> int:
        """How many values that it leaves out are among what was made."""
        return sum(value in made for value in self.left_out)


def traces_of(log: Sequence[Exchange], solution: Sequence[Exchange], right: Entries) -> Traces:
    """What a misconception leaves behind.

    Args:
        log: what it was asked and answered, traced.
        solution: the same of the solution.
        right: all that right answers make.
    """
    answered = [*takewhile(lambda exchange: exchange.answer is not None, log)]
    made = [value for exchange in answered for value in values_of(exchange)]
    first_wrong = next((value for value in made if value not in right), None)
    if len(answered) < len(solution):
        return Traces(first_wrong, ())
    its = Entries(made)
    right_ones = [value for exchange in solution for value in values_of(exchange)]
    return Traces(first_wrong, [value for value in right_ones if value not in its])


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
