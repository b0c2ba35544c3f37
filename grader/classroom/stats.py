"""What a class understands: pass rates of checks, and which misconceptions it has."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from statistics import mean, median, pstdev

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.classroom.anonymous import anonymous, words_of
from grader.classroom.gradebook import Mark
from grader.classroom.marking import CriterionStats, ProseStats
from grader.verdict import CheckResult, Status, Verdict, share


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
    """One misconception over the class: how many students have it, on their latest attempt.

    `lines` are the expressions at which their values go wrong, with counts, anonymous.
    """

    id: str
    title: str
    check: str
    students: int
    lines: tuple[tuple[str, int], ...] = ()


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
        lines: for wrong values the expressions at which they leave right answers, with counts,
            anonymous.
        operations: the operations at which they do, with counts.
        statuses: how the latest attempts ended, with counts.
        pending: students with a part that waits for a person: an answer in the gradebook, or, where
            it holds none for this kata, one that the latest verdict asks for.
        alike: students whose latest attempt, begun, has the very bytes of somebody else's.
        criteria: what people have marked, for each criterion of the rubric.
        not_run: students whose latest attempt could not be run: it does not parse, say, or raises
            when it is imported.
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
    operations: tuple[tuple[str, int], ...] = ()
    statuses: dict[str, int] = {}
    pending: int = 0
    alike: int = 0
    criteria: tuple[CriterionStats, ...] = ()
    not_run: int = 0

    @property
    def middle(self) -> float:
        """The median of the points of the best attempts, as a share."""
        return median(self.points) if self.points else 0.0


def stats_of(
    found: Iterable[tuple[str, str, int, bytes]],
    *,
    names: Iterable[str] = (),
    people: Mapping[str, ProseStats] | None = None,
) -> list[KataStats]:
    """Statistics for each kata.

    Args:
        found: student, kata, attempt and verdict (JSON), see `Gradebook.verdicts`.
        names: of students: no line with one of them in it is taken.
        people: free text, by kata, see `grader.classroom.marking.prose_stats`.
    """
    told = words_of(names)
    by_kata: dict[str, dict[str, list[tuple[int, Verdict]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for student, kata, attempt, data in found:
        verdict = msgspec.json.decode(data, type=Verdict)
        if verdict.status is not Status.INTERNAL_ERROR:
            by_kata[kata][student].append((attempt, verdict))
    made = [_kata(kata, students, told) for kata, students in sorted(by_kata.items())]
    return [_with_people(one, (people or {}).get(one.kata)) for one in made]


def _with_people(one: KataStats, people: ProseStats | None) -> KataStats:
    if people is None:
        return one
    return replace(one, pending=people.waiting, criteria=people.criteria)


def names_in(marks: Iterable[Mark]) -> list[str]:
    """What the students of some marks are called: ids and names."""
    return [text for mark in marks for text in (mark.student, mark.name) if text]


def _kata(kata: str, students: dict[str, list[tuple[int, Verdict]]], names: Set[str]) -> KataStats:
    latest, took, best = [], Counter[int](), []
    for attempts in students.values():
        attempts.sort(key=lambda pair: pair[0])
        latest.append(attempts[-1][1])
        best.append(max(_share(verdict) for _, verdict in attempts))
        first = next((n for n, v in attempts if v.status is Status.PASSED), None)
        if first is not None:
            took[first] += 1
    named = Counter[tuple[str, str, str]]()
    lines, operations = Counter[str](), Counter[str]()
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    unnamed = 0
    for verdict in latest:
        told = [(d, c.name) for c in verdict.checks if c.diagnosis for d in c.diagnosis.both]
        for diagnosis, check in {d.id: (d, check) for d, check in told[::-1]}.values():
            named[diagnosis.id, diagnosis.title, check] += 1
            beside[diagnosis.id].update(
                {
                    _suspected(c, names)
                    for c in verdict.checks
                    if c.diagnosis and diagnosis.id in {d.id for d in c.diagnosis.both}
                }
            )
        if verdict.status is Status.FAILED and not told and not verdict.message:
            unnamed += 1
        lines.update({_suspected(c, names) for c in verdict.checks})
        operations.update({c.suspect.operation for c in verdict.checks if c.suspect is not None})
    return KataStats(
        kata,
        latest[0].title,
        len(students),
        sum(took.values()),
        dict(sorted(took.items())),
        tuple(sorted(best)),
        tuple(_check(latest, number) for number in range(len(latest[0].checks))),
        tuple(
            MisconceptionStats(*key, count, _most(beside[key[0]], 5))
            for key, count in named.most_common()
        ),
        unnamed,
        _most(lines, 20),
        _most(operations, 20),
        dict(Counter(verdict.status.value for verdict in latest).most_common()),
        sum(bool(verdict.pending_manual) for verdict in latest),
        _alike(latest),
        not_run=sum(v.status is not Status.NOT_IMPLEMENTED and bool(v.message) for v in latest),
    )


def _suspected(check: CheckResult, names: Set[str]) -> str:
    """The expression at which a check's values go wrong, anonymous; empty where there is none."""
    if check.suspect is None:
        return ""
    source = check.suspect.source
    return anonymous(source[check.suspect.column - 1 : check.suspect.end - 1] or source, names)


def _most(counts: Counter[str], number: int) -> tuple[tuple[str, int], ...]:
    """The most common of them, without the empty one."""
    return tuple((text, count) for text, count in counts.most_common(number + 1) if text)[:number]


def _alike(latest: list[Verdict]) -> int:
    begun = [v.sha256 for v in latest if v.status is not Status.NOT_IMPLEMENTED and v.sha256]
    return sum(count for count in Counter(begun).values() if count > 1)


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
    return round(share(verdict.points, verdict.max_points), 4)
