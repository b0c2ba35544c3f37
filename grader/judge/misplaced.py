"""What was chosen wrongly: an operation may be right, and what it was given is not meant for it.

A right answer does the same with something else. Where that something is computed, the operation
uses the wrong one, and is to blame. Where it was taken from an argument, or picked, or is nothing
but zeros, it goes wrong where it was chosen: at another index, say, or where a state is dropped.
"""

from grader.judge.suspect import MOVES, PICKS, Compared, Suspicion, Trace, equal
from grader.judge.transcript import Numbers


def chosen_wrongly(found: Compared) -> Suspicion | None:
    """Where that was chosen which the first wrong operation should not have been given.

    None where that operation is to blame, or nobody can tell.
    """
    for first in found.first_wrong[:1]:
        for right in found.rights:
            for other in range(len(right.steps)):
                chosen = _chosen_for(found, first, right, other)
                if chosen is not None:
                    return found.suspicion_at(chosen)
    return None


def _chosen_for(theirs: Trace, number: int, right: Trace, other: int) -> int | None:
    """The step that chose the one thing in which two steps differ.

    None where they differ in more, or what it is was computed for something else.

    Args:
        theirs: a trace.
        number: a step of it.
        right: that of a right answer.
        other: a step of that.
    """
    picked = None
    while True:
        step, beside = theirs.steps[number], right.steps[other]
        if step.operation != beside.operation or len(step.given) != len(beside.given):
            return picked
        pairs = zip(step.given, beside.given, strict=True)
        odd = [(a, b) for a, b in pairs if not equal(theirs.value(a), right.value(b))]
        if len(odd) != 1 or not _alike_in_form(theirs.value(odd[0][0]), right.value(odd[0][1])):
            return picked
        mine, meant = odd[0]
        if not 0 <= mine < number:
            return picked
        taken = _taken_from(theirs, mine)
        if taken is not None and taken == _taken_from(right, meant):
            return mine
        if len(step.given) == 1:
            return picked
        if theirs.steps[mine].operation in PICKS or _says_nothing(theirs.value(mine)):
            picked = mine
        if not 0 <= meant < other:
            return picked
        number, other = mine, meant


def _taken_from(trace: Trace, number: int) -> int | None:
    """The argument from which something was taken as it is; None if it was computed."""
    while 0 <= number < len(trace.steps):
        step = trace.steps[number]
        if step.operation not in MOVES or len(step.given) != 1 or step.given[0] >= number:
            return None
        number = step.given[0]
    return number if number < 0 else None


def _alike_in_form(one: Numbers | None, other: Numbers | None) -> bool:
    return one is not None and other is not None and one.array.shape == other.array.shape


def _says_nothing(value: Numbers | None) -> bool:
    return value is not None and not value.array.any()
