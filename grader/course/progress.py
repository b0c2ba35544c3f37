"""What a learner has reached: verdicts' statuses and hints shown, in a small file of ours.

Inside a workspace it is `.kata/progress.json` there; elsewhere it lies in the user's state folder.
Losing it loses nothing but the ticks in `kata list`: a file that cannot be read or written is
treated as absent.
"""

import contextlib
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.workspace import find_workspace
from grader.verdict import Status, Verdict


class KataProgress(Struct):
    """How far one kata is.

    The last status and points, how many hints were shown, and whether the solution was looked at
    before a pass.
    """

    status: str = ""
    points: int = 0
    max_points: int = 0
    hints: int = 0
    gave_up: bool = False


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
            self.path = _state_folder() / "progress.json"
        self.katas: dict[str, KataProgress] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self.katas = msgspec.json.decode(self.path.read_bytes(), type=dict[str, KataProgress])

    def of(self, kata: str) -> KataProgress:
        """How far a kata is; a fresh record if it was never tried."""
        return self.katas.setdefault(kata, KataProgress())

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

    def save(self) -> bool:
        """Write it in one step; False if the place cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as file:
                file.write(msgspec.json.format(msgspec.json.encode(self.katas), indent=2))
            os.replace(file.name, self.path)
        except OSError:
            return False
        return True


def next_of(course: Course, passed: Collection[str]) -> Kata | None:
    """The kata to take next: the first whose forerunners are passed; None if all are passed."""
    left = [kata for kata in course.katas if kata.name not in passed]
    ready = [kata for kata in left if all(name in passed for name in kata.spec.after)]
    return next(iter(ready or left), None)


def _state_folder() -> Path:
    """The user's folder for what programs remember; `XDG_STATE_HOME` decides on every system."""
    from platformdirs import user_state_path

    named = os.environ.get("XDG_STATE_HOME")
    if named:
        return Path(named) / "tensor-katas"
    return user_state_path("tensor-katas", appauthor=False)
