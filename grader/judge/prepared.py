"""What all submissions to one kata share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.checks.check import Check, DrawnCases, derive
from grader.checks.hearing import Policy
from grader.checks.submission import Submission
from grader.course.kata import Kata
from grader.judge.ahead import Script
from grader.judge.bank import Bank
from grader.judge.conversation import Exchange
from grader.judge.rehearsal import may_be_asked_ahead
from grader.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Prepared:
    """A kata, ready to be graded with one seed. A `Grader` makes it; attempts only read it.

    Args:
        kata: which.
        seed: the cases derive from it.
        checks: the kata's checks, by name, in the order of the file.
        bank: its solution and misconceptions, shared by all seeds.
        sandbox: where submissions run.
        training: whether checks that train are run; if not, they are not verified.
        data: a file or folder of real data for checks that train.
        picture: what the kata shows after a pass, if it shows anything.
        example: the worked example of the task, if there is one.
        drawn: for each check, the cases that are known so far. They grow.
        scripts: for each check, what it asks ahead; None for nothing.
        drafts: what the others asked the first submission that passed them, and what it answered.
    """

    kata: Kata
    seed: int
    checks: dict[str, Check]
    bank: Bank
    sandbox: Sandbox
    training: bool = True
    data: Path | None = None
    picture: Callable[[Submission], None] | None = None
    example: Callable[[Submission], None] | None = None
    drawn: dict[str, DrawnCases] = field(default_factory=dict)
    scripts: dict[str, Script | None] = field(default_factory=dict)
    drafts: dict[str, tuple[Script, list[Exchange]]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """How an allowed difference is derived."""
        tolerance = self.kata.spec.tolerance
        return Policy(tolerance.factor, tolerance.floor)

    def draw(self) -> Iterator[Check]:
        """Draw the cases of one check after the other; each is given once its cases are known."""
        for check in self.checks.values():
            check.draw_all(seed=self.seed_of(check), drawn=self.cases(check))
            yield check

    def seed_of(self, check: Check) -> int:
        """What a check's cases are drawn from."""
        return derive(self.seed, self.kata.name, check.name)

    def cases(self, check: Check) -> DrawnCases:
        """A check's cases with this seed, as far as they are known."""
        return self.drawn.setdefault(check.name, DrawnCases())

    def keep(self, check: Check, script: Script, said: list[Exchange]) -> None:
        """Keep what a check asked a submission that passed it, and what that answered."""
        if check.name not in self.scripts:
            self.drafts.setdefault(check.name, (script, said))

    def script(self, check: Check) -> Script | None:
        """What a check asks ahead. It is rehearsed when it is first needed, by a second answer."""
        if check.name in self.drafts:
            script, said = self.drafts.pop(check.name)
            bodies = check.known(seed=self.seed_of(check), drawn=self.cases(check))
            fits = bodies is not None and may_be_asked_ahead(
                script, said, bodies, self.kata, self.sandbox
            )
            self.scripts[check.name] = script if fits else None
        return self.scripts.get(check.name)
