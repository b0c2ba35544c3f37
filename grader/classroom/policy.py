"""A policy: what a class' marks count. It is applied when marks are read, and never stored.

A policy is a TOML file:

    take = "best"                # which attempt counts: best, last or first
    may_fall = false             # a regrade lowers no mark
    drop_lowest = 1              # so many katas, those with the lowest shares, do not count
    zone = "Europe/Berlin"       # of times that name none
    times = "times.csv"          # when attempts were handed in
    extensions = "extensions.csv"

    [due]                        # for a kata or a whole track
    "lstm/lstm_cell" = 2026-10-01T23:59:00
    gru = 2026-10-08T23:59:00+02:00

    [late]
    grace_minutes = 15           # so much later is not late
    penalty_per_day = 0.1        # of the points, for each day that has begun
    floor = 0.5                  # of the points that always stay
    tokens = 3                   # days that each student may be late for nothing

    [weights]                    # 1 where none is named
    "lstm/lstm_cell" = 2.0

docs/policies.md says it in full.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from msgspec.structs import replace

from grader.classroom.fill import UNMARKED, Take, Total, scaled
from grader.classroom.gradebook import Mark, Past
from grader.course.toml import line_in_table, read_toml
from grader.errors import DataError, SpecError, UsageError
from grader.verdict import share

Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Weight: TypeAlias = Annotated[float, Meta(gt=0, le=1_000_000)]
DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)

HandedAt: TypeAlias = Callable[[str, str, int], datetime]
"""When a student handed in an attempt at a kata."""
Extended: TypeAlias = Callable[[str, str], datetime | None]
"""Until when a student may hand in a kata, where that is later than for others."""


class Late(Struct, frozen=True, forbid_unknown_fields=True):
    """What lateness costs."""

    grace_minutes: Count = 0
    penalty_per_day: Share = 0.0
    floor: Share = 0.0
    tokens: Count = 0


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy, as it is written. See the module."""

    take: Literal["best", "last", "first"] = "best"
    may_fall: bool = True
    drop_lowest: Count = 0
    zone: str = ""
    times: str = ""
    extensions: str = ""
    due: dict[str, datetime] = {}
    weights: dict[str, Weight] = {}
    late: Late = Late()

    def due_at(self, kata: str) -> datetime | None:
        """When a kata is due; None if it never is."""
        return self.due.get(kata) or self.due.get(kata.partition("/")[0])

    def weight(self, kata: str) -> float:
        """What a kata counts."""
        return self.weights.get(kata, self.weights.get(kata.partition("/")[0], 1.0))


class KataGrade(Struct, frozen=True):
    """What one kata counts for one student.

    Args:
        kata: `track/kata`.
        attempt: the one that counts; 0 where there is none.
        points: after what lateness takes.
        max_points: the most that anybody could get.
        days_late: days that had begun.
        tokens: how many of them were free.
        weight: what the kata counts.
        dropped: it is one of the lowest, and does not count.
        pending: something was handed in, and nothing of it has a verdict.
    """

    kata: str
    attempt: int
    points: float
    max_points: int
    days_late: int
    tokens: int
    weight: float
    dropped: bool = False
    pending: bool = False

    @property
    def share(self) -> float:
        """The points as a share of the most, 0 to 1."""
        return share(self.points, self.max_points)


class Grade(Struct, frozen=True):
    """What one student has: each kata, and `share`, 0 to 1, over those that count."""

    student: str
    name: str
    katas: tuple[KataGrade, ...]
    share: float


def read_policy(path: Path, known: Iterable[str]) -> Policy:
    """Read a policy.

    Args:
        path: the TOML file.
        known: names of katas and tracks that it may mention.

    Raises:
        UsageError: it cannot be read, has an unknown key or kata, or a time without a zone; with
            the line.
    """
    try:
        text, policy = read_toml(path, Policy)
    except SpecError as error:
        day = "datetime" in error.message
        advice = "Write a day and a time: gru = 2026-10-08T23:59:00." if day else error.advice
        raise UsageError(error.message, advice=advice) from None
    names = set(known)
    for table, given in (("due", policy.due), ("weights", policy.weights)):
        for name in given:
            if name not in names:
                raise DataError(
                    path,
                    f"[{table}] names {name!r}, which is no kata and no track",
                    line=line_in_table(text, table, name),
                )
    zone = zone_of(policy.zone, path)
    due = {}
    for name, at in policy.due.items():
        if at.tzinfo is None and zone is None:
            raise DataError(
                path,
                f"{name} is due at a time without a zone",
                line=line_in_table(text, "due", name),
                advice=f'Write {at.isoformat()}+02:00, or zone = "Europe/Berlin" at the top.',
            )
        due[name] = instant(at if at.tzinfo else at.replace(tzinfo=zone))
    return replace(policy, due=due)


def instant(at: datetime) -> datetime:
    """A time in UTC. Between two times of one zone Python counts hours that a clock has skipped."""
    try:
        return at.astimezone(UTC)
    except OverflowError:  # within a day of the first or the last year
        return at.replace(tzinfo=UTC)


def zone_of(name: str, path: Path) -> tzinfo | None:
    """The zone of that name; None for an empty one.

    Raises:
        DataError: there is no such zone.
    """
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        raise DataError(
            path,
            f"names the zone {name[:60]!r}, which is not known",
            advice="Names are like Europe/Berlin, and come from the package tzdata of the system.",
        ) from None


def days_late(handed_at: datetime, due: datetime, grace_minutes: int = 0) -> int:
    """How many days late: 0 within the grace, and then each day that has begun since `due`."""
    over = handed_at - due
    if over <= timedelta(minutes=grace_minutes):
        return 0
    return math.ceil(over / DAY)


def penalised(points: float, days: int, late: Late) -> float:
    """Points after what so many days take; never less than the floor."""
    return points * max(late.floor, 1 - late.penalty_per_day * days, 0.0)


def settled(marks: Sequence[Mark], history: Iterable[Past], *, may_fall: bool) -> list[Mark]:
    """Marks with the verdict that counts: the newest, or the best if no mark may fall.

    A verdict that was our fault counts as none, if the attempt has another.
    """
    best: dict[tuple[str, str, int], Past] = {}
    for past in history:
        if past.status in UNMARKED:
            continue
        key = (past.student, past.kata, past.attempt)
        before = best.get(key)
        if may_fall or before is None or _share(past) >= _share(before):
            best[key] = past
    found = []
    for mark in marks:
        kept = best.get((mark.student, mark.kata, mark.attempt))
        if kept is not None:
            mark = replace(
                mark,
                status=kept.status,
                points=kept.points,
                max_points=kept.max_points,
                graded_at=kept.graded_at,
            )
        found.append(mark)
    return found


def _share(past: Past) -> float:
    return share(past.points, past.max_points)


def grades(
    marks: Sequence[Mark],
    katas: Sequence[str],
    policy: Policy,
    *,
    handed_at: HandedAt,
    extended: Extended = lambda student, kata: None,
) -> list[Grade]:
    """What each student has who has a verdict.

    A kata for which a student has handed in nothing counts 0. One whose attempts all wait for a
    verdict is left out of the sum, and is `pending`.

    Args:
        marks: attempts, see `settled`.
        katas: those that count.
        policy: the policy.
        handed_at: asked only where lateness costs something.
        extended: a student's own due time.
    """
    by_student: dict[str, list[Mark]] = {}
    most: dict[str, int] = {}
    for mark in marks:
        if mark.kata in katas:
            by_student.setdefault(mark.student, []).append(mark)
            if mark.status not in UNMARKED:
                most[mark.kata] = max(most.get(mark.kata, 0), mark.max_points)
    counted = [kata for kata in katas if kata in most]
    found = []
    for student, own in sorted(by_student.items()):
        if all(mark.status in UNMARKED for mark in own):
            continue
        parts = _of_student(student, own, counted, most, policy, handed_at, extended)
        parts = drop_lowest(parts, policy.drop_lowest)
        found.append(
            Grade(student, next((m.name for m in own if m.name), ""), tuple(parts), total(parts))
        )
    return found


def _of_student(
    student: str,
    own: Sequence[Mark],
    katas: Sequence[str],
    most: Mapping[str, int],
    policy: Policy,
    handed_at: HandedAt,
    extended: Extended,
) -> list[KataGrade]:
    """Each kata; tokens are spent on the one that is due first."""
    due = {kata: _later(policy.due_at(kata), extended(student, kata)) for kata in katas}
    tokens = policy.late.tokens
    found: dict[str, KataGrade] = {}
    for kata in sorted(katas, key=lambda kata: (due[kata] or _NEVER, kata)):
        tries = sorted((m for m in own if m.kata == kata), key=lambda mark: mark.attempt)
        graded = [mark for mark in tries if mark.status not in UNMARKED]
        options = []
        for mark in graded:
            at = due[kata]
            late = 0
            if at is not None and policy.late.penalty_per_day:
                when = handed_at(student, kata, mark.attempt)
                late = days_late(when, at, policy.late.grace_minutes)
            spent = min(tokens, late)
            points = penalised(scaled(mark, most[kata]), late - spent, policy.late)
            options.append(
                KataGrade(kata, mark.attempt, points, most[kata], late, spent, policy.weight(kata))
            )
        chosen = _chosen(options, policy.take) or KataGrade(
            kata, 0, 0.0, most[kata], 0, 0, policy.weight(kata), pending=bool(tries)
        )
        tokens -= chosen.tokens
        found[kata] = chosen
    return [found[kata] for kata in katas]


def _later(due: datetime | None, extended: datetime | None) -> datetime | None:
    return max(due, extended) if due and extended else due


def _chosen(options: Sequence[KataGrade], take: Take) -> KataGrade | None:
    """The attempt that counts; of equally good ones the one with fewer tokens, then the first."""
    if not options:
        return None
    if take == "best":
        return max(options, key=lambda one: (one.points, -one.tokens, -one.attempt))
    return options[-1 if take == "last" else 0]


def drop_lowest(parts: Sequence[KataGrade], count: int) -> list[KataGrade]:
    """Mark the lowest shares as dropped; one kata always stays, and what is pending is not one."""
    ready = [n for n, part in enumerate(parts) if not part.pending]
    lowest = sorted(ready, key=lambda n: (parts[n].share, parts[n].weight, n))
    gone = set(lowest[: max(0, min(count, len(ready) - 1))])
    return [replace(part, dropped=n in gone) for n, part in enumerate(parts)]


def total(parts: Sequence[KataGrade]) -> float:
    """The weighted mean of the shares that count, 0 to 1."""
    counted = [part for part in parts if not part.dropped and not part.pending]
    weights = sum(part.weight for part in counted)
    return sum(part.share * part.weight for part in counted) / weights if weights else 0.0


def as_totals(found: Iterable[Grade]) -> list[Total]:
    """Grades as totals out of 100, for the sheets of other systems; not while a part is pending."""
    return [
        Total(one.student, one.name, one.share * 100, 100)
        for one in found
        if not any(part.pending for part in one.katas)
    ]
