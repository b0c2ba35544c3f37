"""How likely it is that a misconception is missed by chance.

The cases of a check are drawn from a seed. A mistake that shows in one case of ten is missed by
twelve cases on every fourth seed, and an audit on a few seeds may never meet one of those. So each
misconception is asked about every case of its own check, and the share of them in which it fails
says how often a seed's cases all miss it.
"""

import math
import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from grader.audit.audit import Task, over_katas
from grader.checks.check import derive
from grader.checks.submission import Body
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.misconceptions import Misconception, mutant_source
from grader.errors import KataError
from grader.judge.grader import Grader
from grader.judge.opening import Opening, lent_grader
from grader.sandbox.sandbox import Level

MISSED = 0.002
"""A seed may miss a misconception once in five hundred times."""


class Chance(Struct, frozen=True):
    """How one misconception fares in the cases of its own check.

    Args:
        id: which misconception.
        caught_by: its check.
        cases: how many the check asks on one seed.
        asked: how many it was asked in, on all seeds.
        failed: in how many of those it failed.
        simplest: whether it failed in the first case of every seed, which is always the simplest.
    """

    id: str
    caught_by: str
    cases: int
    asked: int
    failed: int
    simplest: bool

    @property
    def missed(self) -> float:
        """The share of seeds on which no case is one in which it fails."""
        return 0.0 if self.simplest else (1 - self.failed / self.asked) ** self.cases

    @property
    def needed(self) -> int | None:
        """How many cases of this kind would be enough; None where it never failed."""
        if self.failed in (0, self.asked):
            return None if not self.failed else 1
        return math.ceil(math.log(MISSED) / math.log(1 - self.failed / self.asked))

    @property
    def problem(self) -> str:
        """What to do; empty where it is missed rarely enough."""
        if self.missed <= MISSED:
            return ""
        found = f"misconception {self.id} fails in {self.failed} of {self.asked} cases of "
        found += f"{self.caught_by}, which asks {self.cases}, so "
        if self.needed is None:
            return found + "no seed may ever catch it"
        return found + (
            f"one seed in {1 / self.missed:.0f} misses it: let more of what is drawn be of the "
            f"kind that shows it, or draw {self.needed}"
        )


class Chances(Struct, frozen=True):
    """What was found about one kata. `broken` says why nothing was, where nothing was."""

    kata: str
    seeds: int
    rows: tuple[Chance, ...] = ()
    broken: str = ""
    duration_s: float = 0.0

    @property
    def missed(self) -> float:
        """How many misconceptions a seed misses, on average."""
        return sum(row.missed for row in self.rows)

    @property
    def problems(self) -> tuple[str, ...]:
        """What to do, the worst first."""
        if self.broken:
            return (self.broken,)
        worst_first = sorted(self.rows, key=lambda row: -row.missed)
        return tuple(row.problem for row in worst_first if row.problem)


def chances(
    course: Course,
    katas: Sequence[Kata],
    *,
    seeds: int = 3,
    jobs: int = 1,
    level: Level | None = None,
    found: Callable[[Chances], None] = lambda _: None,
) -> list[Chances]:
    """Find out for katas of a course, in several processes; the arguments are those of `audit`."""
    opening = Opening(str(course.root), level, training=False, keeps=False)
    return over_katas(chances_task, opening, katas, seeds, jobs=jobs, found=found)


def chances_task(task: Task) -> Chances:
    """Find out for one kata, in whatever process this is."""
    with lent_grader(task.opening) as grader:
        return chances_of(grader, grader.course.find(task.kata), seeds=task.seeds)


def chances_of(grader: Grader, kata: Kata, *, seeds: int) -> Chances:
    """Find out for the misconceptions whose checks draw; what is not drawn is asked on every seed.

    A check that trains is not asked, nor one that picks from a list which stands in the task.
    """
    began = time.monotonic()
    cases: dict[str, list[list[Body]]] = {}
    rows = []
    try:
        checks = grader.prepared(kata).checks
        for item in kata.misconceptions:
            check = checks[item.caught_by]
            if not check.draws or check.trains or check.place:
                continue
            if check.name not in cases:
                each_seed = [derive(seed, kata.name, check.name) for seed in range(seeds)]
                cases[check.name] = [
                    check.cases(seed=seed, count=check.examples) for seed in each_seed
                ]
            rows.append(_chance(grader, kata, item, cases[check.name]))
    except KataError as error:
        return Chances(kata.name, seeds, broken=error.message)
    finally:
        grader.close()
    known = tuple(row for row in rows if row is not None)
    return Chances(kata.name, seeds, known, duration_s=round(time.monotonic() - began, 2))


def _chance(
    grader: Grader, kata: Kata, item: Misconception, seeds: Sequence[Sequence[Body]]
) -> Chance | None:
    """One misconception in the cases of some seeds; None where it cannot even be loaded."""
    source = mutant_source(item, kata.solution, kata.solutions)
    attempt = grader.attempt_source(kata, source)
    try:
        failed = [attempt.failed_in(item.caught_by, bodies) for bodies in seeds]
    finally:
        attempt.close()
    if not all(failed):
        return None
    return Chance(
        item.id,
        item.caught_by,
        cases=len(seeds[0]),
        asked=sum(map(len, failed)),
        failed=sum(map(sum, failed)),
        simplest=all(one[0] for one in failed),
    )
