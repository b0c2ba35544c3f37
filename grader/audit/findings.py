"""What an audit found."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from grader.checks.check import Check
from grader.checks.example import stands_in
from grader.course.misconceptions import Misconception
from grader.judge.attempt import WorkedExample
from grader.verdict import Status, Verdict


class MutantRow(Struct, frozen=True):
    """One misconception over the seeds on which it was tried.

    How often its check detected it, how often it was diagnosed by name, and what else was said.
    """

    id: str
    caught_by: str
    seeds: int
    detected: int
    diagnosed: int
    not_diagnosed_because: str = ""
    diagnosed_as: tuple[str, ...] = ()
    failed_at: tuple[str, ...] = ()


class Finding(Struct, frozen=True):
    """What the audit found about one kata.

    `problems` is empty where all holds; each says what to do.
    """

    kata: str
    seeds: int
    problems: tuple[str, ...]
    rows: tuple[MutantRow, ...] = ()
    catches: dict[str, tuple[str, ...]] = {}
    alternatives: int = 0
    solution_s: float = 0.0
    wrong_s: float = 0.0
    duration_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether all holds."""
        return not self.problems


def not_right(verdict: Verdict, what: str, seed: int) -> list[str]:
    """What is wrong where a right answer does not pass."""
    if verdict.status is Status.PASSED and verdict.points == verdict.max_points:
        return []
    if verdict.message:
        return [f"{what} does not pass (seed {seed}): {verdict.status}: {verdict.message}"]
    return [
        f"{what} does not pass {result.name} (seed {seed}): {result.status}: {result.message}"
        + (f" [diagnosed: {result.diagnosis.id}]" if result.diagnosis else "")
        for result in verdict.checks
        if result.status not in (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED)
    ]


def stub_passes(verdict: Verdict, seed: int) -> list[str]:
    """What is wrong where a stub earns something."""
    passed = [result.name for result in verdict.checks if result.status is Status.PASSED]
    if passed or verdict.status is not Status.NOT_IMPLEMENTED:
        detail = f"passes {', '.join(passed)}" if passed else f"is {verdict.status}"
        return [f"the stub {detail} (seed {seed}); expected NOT_IMPLEMENTED and no points"]
    return []


def example_problems(result: WorkedExample, what: str, task: str) -> list[str]:
    """What is wrong where a right answer does not give a worked example, or the task has another.

    Args:
        result: of the right answer.
        what: which that is.
        task: the text of the worked example.
    """
    problems = [
        f"example.py expects {line.expected} for {line.what}, and {what} gives {line.given}"
        for line in result.lines
        if not line.right
    ]
    problems += [
        f"example.py expects {line.expected} for {line.what}, which does not stand in the task's "
        "worked example: quote its numbers as they are there"
        for line in result.lines
        if not stands_in(line.expected, task)
    ]
    problems += [
        f"example.py compares the numbers of {line.what} alone, and {what} gives an array: say its "
        "shape to worked(...) too, as shape=(...)"
        for line in result.lines
        if line.unshaped
    ]
    if result.message:
        problems.append(f"example.py ends early with {what}: {result.status}: {result.message}")
    if not result.lines:
        problems.append("example.py compares nothing: call worked(...) for each result")
    return problems


def stub_works(result: WorkedExample) -> list[str]:
    """What is wrong where a stub gives a worked example."""
    if result.status is Status.NOT_IMPLEMENTED and not any(line.right for line in result.lines):
        return []
    return [f"the worked example is {result.status} with the stub; expected NOT_IMPLEMENTED"]


def mutant_row(item: Misconception, verdicts: list[Verdict]) -> MutantRow:
    """A misconception's row, from its verdicts, one for each seed on which it was tried."""
    names = {item.id, *item.aliases}
    failed = [_failed(verdict) for verdict in verdicts]
    said = [" + ".join(d.id for d in v.diagnosis.both) if v.diagnosis else "" for v in verdicts]
    return MutantRow(
        item.id,
        item.caught_by,
        len(verdicts),
        detected=sum(item.caught_by in checks for checks in failed),
        diagnosed=sum(name in names for name in said),
        not_diagnosed_because=item.not_diagnosed_because,
        diagnosed_as=tuple(sorted({name for name in said if name and name not in names})),
        failed_at=tuple(sorted({name for checks in failed for name in checks or ["nothing"]})),
    )


def _failed(verdict: Verdict) -> list[str]:
    fine = (Status.PASSED, Status.NOT_RUN, Status.NOT_VERIFIED, Status.INTERNAL_ERROR)
    return [result.name for result in verdict.checks if result.status not in fine]


def row_problems(row: MutantRow) -> list[str]:
    """What is wrong where a misconception is not detected, or not diagnosed."""
    problems, seeds = [], row.seeds
    if row.detected < seeds:
        where = ", ".join(row.failed_at)
        problems.append(
            f"misconception {row.id} is detected by {row.caught_by} on {row.detected} of {seeds} "
            f"seeds (it failed at: {where})"
        )
    if row.diagnosed_as:
        problems.append(f"misconception {row.id} is diagnosed as {', '.join(row.diagnosed_as)}")
    elif row.diagnosed < seeds and not row.not_diagnosed_because:
        problems.append(
            f"misconception {row.id} is diagnosed by name on {row.diagnosed} of {seeds} seeds: "
            "make it differ in what it answers, declare an alias, or say in "
            "`not_diagnosed_because` why not"
        )
    return problems


def catches(
    checks: Sequence[Check], verdicts: dict[str, list[Verdict]]
) -> dict[str, tuple[str, ...]]:
    """For each check, the misconceptions that fail it."""
    found: dict[str, Counter[str]] = {check.name: Counter() for check in checks}
    for misconception, group in verdicts.items():
        for verdict in group:
            for name in _failed(verdict):
                found[name][misconception] += 1
    return {name: tuple(counter) for name, counter in found.items()}


def to_json(findings: Sequence[Struct]) -> bytes:
    """The findings as JSON."""
    return (
        msgspec.json.format(
            msgspec.json.encode({"schema_version": 1, "findings": findings}), indent=2
        )
        + b"\n"
    )
