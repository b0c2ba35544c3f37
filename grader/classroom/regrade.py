"""Grading stored submissions anew: who would move, by which check, and why.

The files are those that the gradebook keeps, so a mark that moves moves on an unchanged file. What
is found is kept in memory until somebody has seen it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from grader.classroom import grading
from grader.classroom.gradebook import Gradebook, Recorded, Waiting
from grader.judge.opening import Opening
from grader.verdict import CheckResult, Status, Verdict, share


class CheckMove(Struct, frozen=True):
    """A check that says something else than before.

    Args:
        name: the check's.
        before, after: its statuses; empty where the check did not exist.
        why: what the check says now if it does not pass, else what it said before.
    """

    name: str
    before: str
    after: str
    why: str


class Move(Struct, frozen=True):
    """An attempt whose mark would change.

    Args:
        student, kata, attempt: which.
        before, after: points and the most that there were.
        status_before, status_after: of the whole kata.
        checks: those that say something else.
    """

    student: str
    kata: str
    attempt: int
    before: tuple[int, int]
    after: tuple[int, int]
    status_before: str
    status_after: str
    checks: tuple[CheckMove, ...]

    @property
    def falls(self) -> bool:
        """Whether the share of the points becomes less."""
        return share(*self.after) < share(*self.before)


class Regraded(Struct, frozen=True):
    """What a regrade would write.

    Args:
        verdicts: attempt, rules and verdict.
        moves: attempts whose points, status or checks change, those that fall first.
        same: how many attempts stay as they are.
        failed: how many could not be graded through a fault of ours; their old verdicts stay.
        because: for each kata, what differs between the old rules and the new.
    """

    verdicts: tuple[tuple[int, str, Recorded], ...]
    moves: tuple[Move, ...]
    same: int
    failed: int
    because: dict[str, str]


def regrade(
    book: Gradebook,
    rules: Mapping[str, str],
    *,
    opening: Opening,
    seed: int,
    graded: grading.Graded,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Regraded:
    """Grade anew whatever was graded under other rules; nothing is written.

    Args:
        book: the gradebook.
        rules: for each kata to look at, see `grader.classroom.grading.rules_of`.
        opening: how to open a grader.
        seed: cases derive from it.
        graded: grades tasks, and yields each with what was found.
        progress: called with how many files are graded, and of how many.
    """
    waiting = [one for kata, under in rules.items() for one in book.outdated(kata, under)]
    before = {
        (who, kata, attempt): msgspec.json.decode(data, type=Verdict)
        for who, kata, attempt, data in book.verdicts()
    }
    found = _found(waiting, opening, seed, graded, progress)
    verdicts, moves, same, failed = [], [], 0, 0
    for one in waiting:
        recorded = found[one.kata, one.data]
        after = msgspec.json.decode(recorded.json, type=Verdict)
        if after.status is Status.INTERNAL_ERROR:
            failed += 1
            continue
        verdicts.append((one.handed, rules[one.kata], recorded))
        move = move_of(one, before[one.student, one.kata, one.attempt], after)
        if move is None:
            same += 1
        else:
            moves.append(move)
    moves.sort(key=lambda move: (not move.falls, move.kata, move.student, move.attempt))
    newest = {(past.student, past.kata, past.attempt): past.rules for past in book.history()}
    old: dict[str, set[str]] = {}
    for one in waiting:
        old.setdefault(one.kata, set()).add(newest[one.student, one.kata, one.attempt])
    because = {kata: what_differs(olds, rules[kata]) for kata, olds in old.items()}
    return Regraded(tuple(verdicts), tuple(moves), same, failed, because)


def _found(
    waiting: Sequence[Waiting],
    opening: Opening,
    seed: int,
    graded: grading.Graded,
    progress: Callable[[int, int], None],
) -> dict[tuple[str, bytes], Recorded]:
    """A verdict for each kata and file; equal files are graded once."""
    tasks = {
        (one.kata, one.data): grading.Task(opening, one.handed, one.kata, one.file, one.data, seed)
        for one in waiting
    }
    found: dict[tuple[str, bytes], Recorded] = {}
    for task, recorded in graded([*tasks.values()]):
        found[task.kata, task.data] = recorded
        progress(len(found), len(tasks))
    return found


def move_of(one: Waiting, before: Verdict, after: Verdict) -> Move | None:
    """What changes for an attempt; None where points, status and every check stay."""
    checks = tuple(_check_moves(before.checks, after.checks))
    points = (before.points, before.max_points), (after.points, after.max_points)
    if not checks and points[0] == points[1] and before.status is after.status:
        return None
    return Move(
        one.student,
        one.kata,
        one.attempt,
        *points,
        before.status.value,
        after.status.value,
        checks,
    )


def _check_moves(
    before: Sequence[CheckResult], after: Sequence[CheckResult]
) -> Iterable[CheckMove]:
    old = {check.name: check for check in before}
    new = {check.name: check for check in after}
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = old.get(name), new.get(name)
        if was is None or now is None or was.status is not now.status:
            wrong = now if now and now.status is not Status.PASSED else was
            why = wrong.message or wrong.sentence if wrong else ""
            yield CheckMove(name, was.status if was else "", now.status if now else "", why)


_PARTS = ("the grader's version", "the files of the kata", "the seed", "the device")


def what_differs(old: Iterable[str], new: str) -> str:
    """What is not the same in two texts of rules, in words."""
    now = new.split(", ")
    words: dict[str, None] = {}
    for text in sorted(old):
        was = text.split(", ")
        for name, left, right in zip(_PARTS, was, now, strict=False):
            if left != right:
                words[f"{name} ({left} before, {right} now)" if name == _PARTS[0] else name] = None
        if was[len(_PARTS) :] != now[len(_PARTS) :]:
            words["whether training is left out"] = None
    return ", ".join(words)
