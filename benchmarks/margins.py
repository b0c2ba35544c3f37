"""By how much trained models clear their margins, and mistakes of training miss them.

    python benchmarks/margins.py [KATA ...] [--seeds 20]

For each kata that trains, the solution, every alternative and every misconception that a training
check catches are trained and judged on each seed. A right answer has to pass on every seed, and a
mistake on none. What a check measures is shown as its least, median and most.
"""

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterator

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.misconceptions import mutant_source
from grader.judge.grader import Grader
from grader.judge.opening import open_grader


def trained(grader: Grader, kata: Kata) -> list[str]:
    """The names of the checks that train."""
    return [name for name, check in grader.prepared(kata).checks.items() if check.trains]


def sources(kata: Kata, checks: list[str]) -> Iterator[tuple[str, bytes, list[str]]]:
    """What is trained: its name, its source, and the checks that it is to pass, or the one not."""
    for path in (kata.solution, *kata.alternatives):
        yield f"right: {path.stem}", path.read_bytes(), checks
    for item in kata.misconceptions:
        if item.caught_by in checks:
            yield item.id, mutant_source(item, kata.solution, kata.solutions), [item.caught_by]


def row(grader: Grader, kata: Kata, source: bytes, checks: list[str], seeds: int) -> str:
    """On how many seeds it passes these checks, and what they measured."""
    passed, measured = 0, defaultdict(list)
    for seed in range(seeds):
        verdict = grader.attempt_source(kata, source, seed=seed).verdict()
        status = {result.name: result.status for result in verdict.checks}
        passed += all(status[name] == "PASSED" for name in checks)
        for name, value in verdict.metrics.items():
            measured[name].append(value)
    spread = "; ".join(
        f"{name} {min(values):.3g} {statistics.median(values):.3g} {max(values):.3g}"
        for name, values in measured.items()
    )
    return f"{passed} of {seeds} passed; {spread}"


def main() -> None:
    """Print a row for each source."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kata", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    course = built_in_course()
    katas = [course.find(name) for name in given.kata] or course.katas
    with open_grader(course) as grader:
        for kata in katas:
            checks = trained(grader, kata)
            for name, source, asked in sources(kata, checks) if checks else ():
                said = row(grader, kata, source, asked, given.seeds)
                print(f"{kata.name:32} {name:40} {said}", flush=True)


if __name__ == "__main__":
    main()
