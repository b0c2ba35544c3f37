"""The audit: a course proves itself.

For every kata, over N seeds: the stub fails, the solution and every alternative pass, every
misconception is detected by the check that it names and diagnosed by its own name, no check is
idle, and each check holds a promise of the task. The misconceptions are the grader's own test: what
they do not find, no check would find in a learner's answer.

A share of the misconceptions is enough for a look that has to be quick: one in so many on each
seed, other ones on the next, all of them after as many seeds.
"""

import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from grader.audit.files import (
    caught_by_problems,
    files_of,
    hint_problems,
    promise_problems,
    unproved,
    worked_example,
)
from grader.audit.findings import (
    Finding,
    catches,
    example_problems,
    mutant_row,
    not_right,
    row_problems,
    stub_passes,
    stub_works,
)
from grader.checks.load import PICTURE_FILE
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source
from grader.errors import KataError
from grader.judge.attempt import WorkedExample
from grader.judge.grader import Grader
from grader.judge.opening import Opening, lent_grader
from grader.judge.pool import each, processes
from grader.sandbox.sandbox import Level
from grader.verdict import Verdict
from grader.wire.places import Devices

Found = TypeVar("Found")


class Task(Struct, frozen=True):
    """One kata to audit: plain data, for another process."""

    opening: Opening
    kata: str
    seeds: int
    share: int = 1


def audit(
    course: Course,
    katas: Sequence[Kata],
    *,
    seeds: int = 3,
    share: int = 1,
    jobs: int = 1,
    level: Level | None = None,
    devices: Devices = "cpu",
    training: bool = False,
    found: Callable[[Finding], None] = lambda _: None,
) -> list[Finding]:
    """Audit katas of a course, in several processes.

    Args:
        course: whose katas these are.
        katas: which.
        seeds: how many: seeds 0 to `seeds - 1`.
        share: of how many misconceptions one is tried on each seed.
        jobs: processes, each with a sandbox of its own.
        level: the isolation to insist on.
        devices: where, and in which dtypes, else submissions are asked; see `wire.places`.
        training: also run the checks that train, and misconceptions that only those detect.
        found: called with each kata's finding when it is there, in any order.

    Returns:
        The findings, in the order of the katas.
    """
    opening = Opening(str(course.root), level, devices=devices, training=training, keeps=False)
    return over_katas(audit_task, opening, katas, seeds, share, jobs=jobs, found=found)


def over_katas(
    function: Callable[[Task], Found],
    opening: Opening,
    katas: Sequence[Kata],
    seeds: int,
    share: int = 1,
    *,
    jobs: int,
    found: Callable[[Found], None],
) -> list[Found]:
    """Do a task for each of some katas, in several processes; all but `function` is as in `audit`.

    Returns:
        The results, in the order of the katas.
    """
    longest_first = sorted(katas, key=_size, reverse=True)  # so that none is left over at the end
    tasks = [Task(opening, kata.name, seeds, share) for kata in longest_first]
    results: dict[str, Found] = {}
    with processes(max(1, min(jobs, len(tasks)))) as executor:
        for task, result in each(executor, function, tasks):
            found(result)
            results[task.kata] = result
    return [results[kata.name] for kata in katas]


def _size(kata: Kata) -> int:
    """How many submissions an audit grades; 0 where that cannot be read, which it tells later."""
    try:
        return len(kata.misconceptions)
    except KataError:
        return 0


def audit_task(task: Task) -> Finding:
    """Audit one kata, in whatever process this is."""
    with lent_grader(task.opening) as grader:
        kata = grader.course.find(task.kata)
        training = task.opening.training
        return audit_kata(grader, kata, seeds=task.seeds, share=task.share, training=training)


def audit_kata(
    grader: Grader, kata: Kata, *, seeds: int, share: int = 1, training: bool = True
) -> Finding:
    """Audit one kata; without training, all but its checks that train and what they detect."""
    began = time.monotonic()
    problems = files_of(kata)
    try:
        checks = list(grader.prepared(kata).checks.values())
        left_out = {
            check.name for check in checks if check.place or (check.trains and not training)
        }
        sources = {
            item.id: mutant_source(item, kata.solution, kata.solutions)
            for item in kata.misconceptions
            if item.caught_by not in left_out
        }
        _ = kata.signatures  # a stub that does not parse is told here
        _ = kata.solution.read_bytes()
    except KataError as error:
        return Finding(kata.name, seeds, tuple(dict.fromkeys((*problems, error.message))))
    except OSError as error:
        return Finding(kata.name, seeds, tuple(problems) or (f"{error}",))
    names = [check.name for check in checks if check.place is None]
    problems += caught_by_problems(kata, names)
    problems += promise_problems(kata, names)
    problems += hint_problems(kata, names)
    rights = {
        "the solution": kata.solution,
        **{f"alternative {p.name}": p for p in kata.alternatives},
    }
    verdicts: dict[str, list[Verdict]] = {item: [] for item in sources}
    times: list[float] = []

    def graded(source: bytes, seed: int) -> Verdict:
        return grader.attempt_source(kata, source, seed=seed).verdict()

    if kata.example_file.is_file():
        problems += _example(grader, kata, rights)
    for seed in range(seeds):
        for what, path in rights.items():
            attempt = grader.attempt_source(kata, path.read_bytes(), shown=path.name, seed=seed)
            verdict = attempt.verdict(picture=True)
            if attempt.picture_problem:
                problems.append(
                    f"{kata.folder / PICTURE_FILE} draws nothing for {what}: "
                    f"{attempt.picture_problem}"
                )
            problems += not_right(verdict, what, seed)
            if what == "the solution":
                times.append(verdict.duration_s)
        problems += stub_passes(graded(kata.stub.read_bytes(), seed), seed)
        for item in _shared(kata, list(sources), seed, share):
            verdicts[item].append(graded(sources[item], seed))
    grader.close()
    rows = tuple(
        mutant_row(item, verdicts[item.id]) for item in kata.misconceptions if verdicts.get(item.id)
    )
    for row in rows:
        problems += row_problems(row)
    caught_by = catches([check for check in checks if check.name not in left_out], verdicts)
    if seeds >= share:  # all were tried
        problems += unproved(kata, caught_by)
    wrong = sorted(verdict.duration_s for group in verdicts.values() for verdict in group)
    return Finding(
        kata.name,
        seeds,
        tuple(dict.fromkeys(problems)),
        rows,
        caught_by,
        len(kata.alternatives),
        solution_s=sorted(times)[len(times) // 2] if times else 0.0,
        wrong_s=wrong[len(wrong) // 2] if wrong else 0.0,
        duration_s=round(time.monotonic() - began, 2),
    )


def _shared(kata: Kata, items: list[str], seed: int, share: int) -> list[str]:
    """The misconceptions to try on one seed: a share of them, other ones on the next seed.

    Those that one check detects are tried together, as what all misconceptions answer to its cases
    is worked out for the first; which come first differs from kata to kata.
    """
    caught_by = {item.id: item.caught_by for item in kata.misconceptions}
    by_check = sorted(items, key=lambda item: caught_by[item])
    part = (zlib.crc32(kata.name.encode()) + seed) % share
    return by_check[len(items) * part // share : len(items) * (part + 1) // share]


def _example(grader: Grader, kata: Kata, rights: dict[str, Path]) -> list[str]:
    """What is wrong with a kata's worked example: it draws nothing, so one seed is enough."""

    def result_of(source: bytes) -> WorkedExample:
        attempt = grader.attempt_source(kata, source)
        try:
            return attempt.example()
        finally:
            attempt.close()

    readme = kata.readme.read_text("utf-8", "replace") if kata.readme.is_file() else ""
    task = worked_example(readme)
    problems = stub_works(result_of(kata.stub.read_bytes()))
    for what, path in rights.items():
        problems += example_problems(result_of(path.read_bytes()), what, task)
    return problems
