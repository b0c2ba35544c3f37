"""A drill: one kata against the clock, and a report of what was right when."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.present.report import Writer
from grader.verdict import Status, Verdict

EVERY_S = 0.2


@dataclass
class Drill:
    """What happened so far. It knows no clock, no file and no judge.

    Args:
        limit_s: how long it may take.
        saves: when each version was handed in, and its verdict.
    """

    limit_s: float
    saves: list[tuple[float, Verdict]] = field(default_factory=list)

    def saved(self, at_s: float, verdict: Verdict) -> None:
        """A version that was saved at a time, and what came of it."""
        self.saves.append((at_s, verdict))

    @property
    def passed(self) -> bool:
        """Whether the last version passes."""
        return bool(self.saves) and self.saves[-1][1].status is Status.PASSED

    def rows(self) -> list[tuple[str, str]]:
        """For each check: when it was right for the first time, and whether it still is."""
        if not self.saves:
            return []
        rows = []
        for number, check in enumerate(self.saves[-1][1].checks):
            right = [at_s for at_s, v in self.saves if v.checks[number].status is Status.PASSED]
            said = f"right at {clock(right[0])}" if right else "never right"
            if right and check.status is not Status.PASSED:
                said += ", and wrong at the end"
            rows.append((check.name, said))
        return rows


def clock(seconds: float) -> str:
    """Minutes and seconds: 3:07."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def versions(
    path: Path,
    limit_s: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[float, bytes]]:
    """Each version of a file that is saved within a time, and when; a file that is gone waits."""
    began = now()
    seen = path.read_bytes()
    while now() - began < limit_s:
        sleep(EVERY_S)
        try:
            found = path.read_bytes()
        except OSError:  # an editor is replacing it
            continue
        if found != seen and found.strip():
            seen = found
            yield now() - began, found


def in_short(verdict: Verdict) -> str:
    """A verdict on one line: the points, and the first check that is not right."""
    wrong = (check.name for check in verdict.checks if check.status is not Status.PASSED)
    left = f", {name} is not right" if (name := next(wrong, "")) else ", all is right"
    return f"{verdict.points}/{verdict.max_points}{left}"


def write_report(writer: Writer, drill: Drill) -> None:
    """What was right when, and the last verdict in full."""
    if not drill.saves:
        writer.line("Nothing was saved.")
        return
    at_s, last = drill.saves[-1]
    count = f"{len(drill.saves)} version{'s' if len(drill.saves) > 1 else ''} saved"
    writer.line(f"{count}, the last at {clock(at_s)} of {clock(drill.limit_s)}", style="bold")
    rows = drill.rows()
    width = max((len(name) for name, _ in rows), default=0)
    for name, said in rows:
        writer.line(f"{name:<{width}}  {said}", indent=2)
    writer.verdict(last)
