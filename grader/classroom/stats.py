"""What a class understands: pass rates of checks, and which misconceptions it has."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import mean, pstdev

import msgspec
from msgspec import Struct

from grader.verdict import Status, Verdict


class CheckStats(Struct, frozen=True):
    """One check over the class.

    Args:
        name, sentence: the check's.
        reached: students for whom it was run.
        passed: how many of them passed it.
        discrimination: the correlation of passing it with the points on the rest of the kata, -1
            to 1; None where everybody did the same.
    """

    name: str
    sentence: str
    reached: int
    passed: int
    discrimination: float | None


class MisconceptionStats(Struct, frozen=True):
    """One misconception over the class: how many students have it, on their latest attempt."""

    id: str
    title: str
    check: str
    students: int


class KataStats(Struct, frozen=True):
    """One kata over the class.

    Args:
        kata, title: which.
        students: who handed something in.
        passed: how many passed, on any attempt.
        attempts: of those who passed, how many attempts it took: count by number.
        points: of the best attempts, from the least to the most, as shares of what there is.
        checks: on the latest attempts.
        misconceptions: from the most frequent on.
        unnamed: students whose latest attempt can be run, is wrong, and has no name.
        lines: for wrong values the expressions at which they leave right answers, with counts.
    """

    kata: str
    title: str
    students: int
    passed: int
    attempts: dict[int, int]
    points: tuple[float, ...]
    checks: tuple[CheckStats, ...]
    misconceptions: tuple[MisconceptionStats, ...]
    unnamed: int
    lines: tuple[tuple[str, int], ...]


def stats_of(found: Iterable[tuple[str, str, int, bytes]]) -> list[KataStats]:
    """Statistics for each kata.

    Args:
        found: student, kata, attempt and verdict (JSON), see `Gradebook.verdicts`.
    """
    by_kata: dict[str, dict[str, list[tuple[int, Verdict]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for student, kata, attempt, data in found:
        verdict = msgspec.json.decode(data, type=Verdict)
        if verdict.status is not Status.INTERNAL_ERROR:
            by_kata[kata][student].append((attempt, verdict))
    return [_kata(kata, students) for kata, students in sorted(by_kata.items())]


def _kata(kata: str, students: dict[str, list[tuple[int, Verdict]]]) -> KataStats:
    latest, took, best = [], Counter[int](), []
    for attempts in students.values():
        attempts.sort(key=lambda pair: pair[0])
        latest.append(attempts[-1][1])
        best.append(max(_share(verdict) for _, verdict in attempts))
        first = next((n for n, v in attempts if v.status is Status.PASSED), None)
        if first is not None:
            took[first] += 1
    named = Counter[tuple[str, str, str]]()
    lines = Counter[str]()
    unnamed = 0
    for verdict in latest:
        told = [(c.diagnosis, c.name) for c in verdict.checks if c.diagnosis is not None]
        for diagnosis, check in {d.id: (d, check) for d, check in told[::-1]}.values():
            named[diagnosis.id, diagnosis.title, check] += 1
        if verdict.status is Status.FAILED and not told and not verdict.message:
            unnamed += 1
        suspects = {
            c.suspect.source[c.suspect.column - 1 : c.suspect.end - 1] or c.suspect.source
            for c in verdict.checks
            if c.suspect is not None and c.suspect.source
        }
        lines.update(suspects)
    return KataStats(
        kata,
        latest[0].title,
        len(students),
        sum(took.values()),
        dict(sorted(took.items())),
        tuple(sorted(best)),
        tuple(_check(latest, number) for number in range(len(latest[0].checks))),
        tuple(MisconceptionStats(*key, count) for key, count in named.most_common()),
        unnamed,
        tuple(lines.most_common(20)),
    )


def _check(latest: list[Verdict], number: int) -> CheckStats:
    name = latest[0].checks[number].name
    rows = []
    for verdict in latest:
        check = next((one for one in verdict.checks if one.name == name), None)
        if check is None or check.status in (Status.NOT_RUN, Status.NOT_VERIFIED):
            continue
        rest = verdict.points - check.points
        rows.append((check.status is Status.PASSED, float(rest)))
    return CheckStats(
        name,
        latest[0].checks[number].sentence,
        len(rows),
        sum(passed for passed, _ in rows),
        _correlation([float(passed) for passed, _ in rows], [rest for _, rest in rows]),
    )


def _correlation(left: list[float], right: list[float]) -> float | None:
    if len(left) < 3 or not pstdev(left) or not pstdev(right):
        return None
    a, b = mean(left), mean(right)
    together = mean((x - a) * (y - b) for x, y in zip(left, right, strict=True))
    return round(together / (pstdev(left) * pstdev(right)), 3)


def _share(verdict: Verdict) -> float:
    return round(verdict.points / verdict.max_points, 4) if verdict.max_points else 0.0
