"""Where values leave the right ones, and what is made of them next.

Two mistakes that are made alike beyond what else is wrong: of two in one submission the first one
shows there, and one in code of another form than ours does, though its answers are others.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from grader.judge.suspect import MOVES, Compared, Entries, is_floating
from grader.judge.transcript import Numbers

ENOUGH_ENTRIES = 2
"""Of so many no two answers have the same by chance, case after case."""


class Next(NamedTuple):
    """What is computed from a wrong value, and what else that takes."""

    made: Numbers
    others: Sequence[Numbers]


class Departure(NamedTuple):
    """The first wrong value of a call.

    Args:
        made: the value.
        beside: all wrong values that are made of right ones.
        then: what is computed from it next.
        answered: whether it is answered as it is.
        all_made: all values that the call was given and made.
    """

    made: Numbers
    beside: Sequence[Numbers]
    then: Sequence[Next]
    answered: bool
    all_made: Sequence[Numbers]

    def shows(self, other: "Departure", rounding: float) -> bool:
        """Whether another one goes wrong in the same way, and goes on with it in the same way.

        Where it takes what is not made here, as the sum over steps of which the next is wrong in
        another way, nobody can tell. And what it leaves unexplained may not be the most.

        Args:
            other: that of a misconception.
            rounding: what the check puts down to rounding, as a share of a value.
        """
        if self.made not in Entries([other.made], rounding) or other.answered > self.answered:
            return False
        explained = Entries([other.made, *other.beside], rounding).which(self.beside)
        if sum(explained) + 1 < len(explained) / 2:
            return False
        here = Entries(self.all_made, rounding)
        then = [each.made for each in other.then if all(here.which(each.others))]
        return all(here.which([*other.beside, *then]))


def departure(found: Compared) -> Departure | None:
    """Where a wrong call leaves the right ones; None where that would not be known again.

    What is computed with a 0 is made in many ways.
    """
    if not found.first_wrong:
        return None
    first = found.first_wrong[0]
    made, *beside = (found.made[number] for number in found.first_wrong)
    if made is None or not _says_much(made):
        return None
    if any(_is_zero(found.value(number)) for number in found.steps[first].given):
        return None
    moved, then = {first}, []
    for number, step in enumerate(found.steps):
        if moved.intersection(step.given):
            if step.operation in MOVES:
                moved.add(number)
            elif (value := found.made[number]) is not None and is_floating(value):
                others = (found.value(one) for one in step.given if one not in moved)
                then.append(Next(value, [one for one in others if one and is_floating(one)]))
    answered = not moved.isdisjoint(found.ends)
    floats = [one for one in beside if one and is_floating(one)]
    return Departure(made, floats, then, answered, [*found.values()])


def _says_much(value: Numbers) -> bool:
    """Whether it has enough entries to be met twice by no chance."""
    if not is_floating(value):
        return False
    sizes = np.unique(np.abs(value.array[np.isfinite(value.array)]))
    return len(sizes[(sizes > 0) & (sizes != 1)]) >= ENOUGH_ENTRIES


def _is_zero(value: Numbers | None) -> bool:
    return value is not None and not value.array.any()
