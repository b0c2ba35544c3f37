"""`kata dashboard`: what a class understands, on one page. It names no student."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean, median

from msgspec import Struct

from grader.classroom.fill import UNMARKED
from grader.classroom.gradebook import Mark
from grader.classroom.stats import KataStats
from grader.present.page import counted, page
from grader.verdict import Status, share

BINS = 10
LOOK_INTO = (
    Status.FLAKY,
    Status.CRASHED,
    Status.FORBIDDEN,
    Status.TIMED_OUT,
    Status.OUT_OF_MEMORY,
)
"""Statuses that are worth a look: chance, hostile code, or a budget that is too small."""


class Bin(Struct, frozen=True):
    """Students with a share of the points: from, to (in percent), how many, and the bar's width."""

    first: int
    last: int
    students: int
    width: int


class ShownKata(Struct, frozen=True):
    """A kata on the page: its numbers, and what is made of them for drawing."""

    stats: KataStats
    anchor: str
    missing: int
    bins: list[Bin]
    attempts: list[tuple[int, int, int]]
    statuses: list[tuple[str, int]]


class Waiting(Struct, frozen=True):
    """What waits for a person or asks for a look: the kata, and a sentence."""

    kata: str
    what: str


def class_page(
    found: Sequence[KataStats],
    marks: Sequence[Mark],
    missing: Sequence[tuple[str, str]],
    *,
    made_at: str,
) -> bytes:
    """The page.

    Args:
        found: the numbers of each kata.
        marks: every attempt; how many are not graded, and the points over all katas, come from
            them.
        missing: student and kata, for whoever has handed in nothing.
        made_at: when the page was made, as text.
    """
    gone = Counter(kata for _, kata in missing)
    students = {mark.student for mark in marks} | {student for student, _ in missing}
    overall = totals(marks, len(found))
    return page(
        "dashboard.html.j2",
        made_at=made_at,
        students=len(students),
        attempts=len(marks),
        overall=bins(overall),
        middle=median(overall) if overall else 0.0,
        average=mean(overall) if overall else 0.0,
        katas=[_shown(one, gone[one.kata]) for one in found],
        waiting=[*waiting(found, marks)],
        suspicious=[*suspicious(found)],
    )


def _shown(one: KataStats, missing: int) -> ShownKata:
    most = max(one.attempts.values(), default=1)
    return ShownKata(
        one,
        one.kata.replace("/", "-"),
        missing,
        bins(one.points),
        [(n, count, round(100 * count / most)) for n, count in one.attempts.items()],
        counted(one.statuses),
    )


def bins(shares: Sequence[float]) -> list[Bin]:
    """How many have which share of the points, in tenths; all of them belong to the last."""
    counts = Counter(min(int(share * BINS + 1e-9), BINS - 1) for share in shares)
    most = max(counts.values(), default=1)
    step = 100 // BINS
    return [
        Bin(n * step, (n + 1) * step, counts[n], round(100 * counts[n] / most)) for n in range(BINS)
    ]


def totals(marks: Sequence[Mark], katas: int) -> list[float]:
    """For each student with an attempt, the mean share of points, 0 to 1, best attempts counting.

    A kata whose attempts all wait for a verdict or a person is not among a student's; who has only
    such ones has no share.

    Args:
        marks: every attempt.
        katas: how many there are; one without an attempt counts 0.
    """
    best: dict[str, dict[str, float | None]] = {}
    for mark in marks:
        mine = best.setdefault(mark.student, {})
        before = mine.setdefault(mark.kata, None)
        if mark.status not in UNMARKED:
            mine[mark.kata] = max(before or 0.0, share(mark.points, mark.max_points))
    found = []
    for mine in best.values():
        known = [one for one in mine.values() if one is not None]
        if known:
            found.append(min(1.0, sum(known) / max(katas - len(mine) + len(known), 1)))
    return found


def waiting(found: Sequence[KataStats], marks: Sequence[Mark]) -> list[Waiting]:
    """What waits for a person."""
    said = [
        Waiting(one.kata, f"{_counted(one.pending, 'answer')} in free text to be marked")
        for one in found
        if one.pending
    ]
    for status, what in (
        ("WAITING", "not graded yet; the same `kata grade` goes on"),
        ("INTERNAL_ERROR", "with an error of ours; `--again-where internal_error` grades again"),
    ):
        counts = Counter(mark.kata for mark in marks if mark.status == status)
        said += [
            Waiting(kata, f"{_counted(count, 'attempt')} {what}")
            for kata, count in sorted(counts.items())
        ]
    return said


def suspicious(found: Sequence[KataStats]) -> list[Waiting]:
    """What may be chance, a fault of the kata's, or no work of one's own: leads, no verdicts."""
    said = []
    for one in found:
        for status in LOOK_INTO:
            count = one.statuses.get(status.value, 0)
            if count:
                word = status.value.replace("_", " ").lower()
                said.append(Waiting(one.kata, f"{_counted(count, 'student')}: {word}"))
        if one.alike:
            said.append(Waiting(one.kata, f"{one.alike} students handed in files that are equal"))
        said += [
            Waiting(one.kata, f"{check.name}: whoever is weaker elsewhere passes it more often")
            for check in one.checks
            if check.discrimination is not None and check.discrimination < 0
        ]
    return said


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
