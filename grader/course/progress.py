"""What a learner has reached: verdicts' statuses and hints shown, in a small file of ours.

Inside a workspace it is `.kata/progress.json` there; elsewhere it lies in the user's state folder.
Losing it loses nothing but the ticks in `kata list`: a file that cannot be read or written is
treated as absent.
"""

import contextlib
from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.trust import state_folder
from grader.course.workspace import find_workspace
from grader.data.files import from_json, read_file, write_whole
from grader.errors import DataError, UsageError
from grader.verdict import Status, Verdict


class KataProgress(Struct):
    """How far one kata is.

    The last status and points, the first check that failed then, which hints were shown, and
    whether the solution was looked at before a pass.
    """

    status: str = ""
    points: int = 0
    max_points: int = 0
    failing: str = ""
    seen_hints: tuple[int, ...] = ()
    gave_up: bool = False

    def __post_init__(self) -> None:
        if self.status and self.status not in set(Status):
            raise ValueError("it has a status that there is not")


class GivenHint(Struct, frozen=True):
    """A hint as it is shown: which of how many, and whether another one is left.

    `failing`: the check that failed last, if the hint is the one for it.
    """

    number: int
    of: int
    text: str
    failing: str
    more: bool

    @property
    def said(self) -> str:
        """The hint, with its number."""
        for_it = f" (for {self.failing}, which failed last)" if self.failing else ""
        return f"Hint {self.number} of {self.of}{for_it}: {self.text}"

    @property
    def then(self) -> str:
        """What to do for the next one."""
        return "Ask again for the next one." if self.more else "That was the last one."


MOST_BYTES = 1 << 22
"""Of a progress file: a workspace may come from anybody."""


class Progress:
    """The progress file that belongs to a folder.

    Args:
        start: the current folder; the enclosing workspace decides, else the user's state folder.
    """

    def __init__(self, start: Path) -> None:
        workspace = find_workspace(start)
        if workspace is not None:
            self.path = workspace / ".kata" / "progress.json"
        else:
            self.path = state_folder() / "progress.json"
        self.katas: dict[str, KataProgress] = {}
        # A workspace may come from anybody, and its folder may lead to another one.
        self._leads_away = workspace is not None and self.path.parent.is_symlink()
        if self._leads_away:
            return
        with contextlib.suppress(DataError, msgspec.MsgspecError):
            data = read_file(self.path, most=MOST_BYTES)
            self.katas = from_json(data, dict[str, KataProgress])

    def of(self, kata: str) -> KataProgress:
        """How far a kata is; a fresh record if it was never tried."""
        return self.katas.setdefault(kata, KataProgress())

    @property
    def passed(self) -> set[str]:
        """The names of the katas whose last verdict is a pass."""
        return {name for name, record in self.katas.items() if record.status == "PASSED"}

    def remember(self, verdict: Verdict, *, whole: bool = True) -> None:
        """Take a verdict in.

        Args:
            verdict: the last one of its kata.
            whole: nothing was left out on purpose. If not, a pass with something unverified is no
                pass, and is not kept.
        """
        unverified = any(check.status is Status.NOT_VERIFIED for check in verdict.checks)
        if not whole and verdict.status is Status.PASSED and unverified:
            return
        record = self.of(verdict.kata)
        record.status = verdict.status.value
        record.points, record.max_points = verdict.points, verdict.max_points
        record.failing = verdict.failing

    def give_hint(self, kata: Kata, number: int | None = None) -> GivenHint | None:
        """The next hint of a kata, or that of a number; None if it has none. It counts as seen.

        Raises:
            UsageError: there is no hint of that number.
        """
        spec, record = kata.spec, self.of(kata.name)
        if not spec.hints:
            return None
        record.seen_hints = tuple(n for n in record.seen_hints if 1 <= n <= len(spec.hints))
        number = number or spec.next_hint(record.failing, record.seen_hints)
        number = number or record.seen_hints[-1]
        if not 1 <= number <= len(spec.hints):
            raise UsageError(f"{kata.name} has hints 1 to {len(spec.hints)}, not {number}")
        if number not in record.seen_hints:
            record.seen_hints = (*record.seen_hints, number)
        return GivenHint(
            number,
            len(spec.hints),
            spec.hints[number - 1],
            record.failing if spec.hint_for.get(record.failing) == number else "",
            spec.next_hint(record.failing, record.seen_hints) is not None,
        )

    def save(self) -> bool:
        """Write it in one step; False if the place cannot be written."""
        if self.path.exists() and not (self.path.is_file() or self.path.is_symlink()):
            return False  # nobody may ever read from a pipe that lies there
        if self._leads_away:
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            written = msgspec.json.format(msgspec.json.encode(self.katas), indent=2)
            write_whole(self.path, written, mode=0o600)
        except OSError:
            return False
        return True


def next_of(course: Course, passed: Collection[str]) -> Kata | None:
    """The kata to take next: the first whose forerunners are passed; None if all are passed."""
    left = [kata for kata in course.katas if kata.name not in passed]
    ready = [kata for kata in left if all(name in passed for name in kata.spec.after)]
    return next(iter(ready or left), None)
