"""A clock that runs only while somebody works for one submission.

What is collected, waits, or is graded in between costs nobody else's submission any time.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

LEAST_SHARE = 1 / 3
"""A `FairClock` runs no slower than that: somebody waits for it."""


class _Moment(NamedTuple):
    """When a clock was started, and how long this process had run and had waited to run by then."""

    at_s: float
    ran_s: float = 0.0
    waited_s: float = 0.0


class Clock:
    """How much time was used, in seconds. It stands still until it is first run.

    Args:
        used_s: what was used before.
    """

    def __init__(self, used_s: float = 0.0) -> None:
        self._used_s = used_s
        self._since: _Moment | None = None

    @property
    def used_s(self) -> float:
        """What was used so far."""
        return self._used_s + (0.0 if self._since is None else self._passed_s(self._since))

    def _moment(self) -> _Moment:
        return _Moment(time.monotonic())

    def _passed_s(self, since: _Moment) -> float:
        return time.monotonic() - since.at_s

    def restart(self) -> None:
        """Run on from zero."""
        self._used_s = 0.0
        self._since = self._moment()

    def back_to(self, used_s: float) -> None:
        """Take back what was used since; it does now what it did before."""
        self._used_s = used_s
        self._since = None if self._since is None else self._moment()

    def running(self) -> AbstractContextManager[None]:
        """A block in which the clock runs; afterwards it does what it did before."""
        return self._switched(on=True)

    def paused(self) -> AbstractContextManager[None]:
        """A block in which the clock stands still; afterwards it does what it did before."""
        return self._switched(on=False)

    @contextmanager
    def _switched(self, *, on: bool) -> Iterator[None]:
        before = self._since is not None
        self._switch(on=on)
        try:
            yield
        finally:
            self._switch(on=before)

    def _switch(self, *, on: bool) -> None:
        if on == (self._since is not None):
            return
        self._used_s = self.used_s
        self._since = self._moment() if on else None


class FairClock(Clock):
    """A clock that runs slower where this process has to wait for a processor.

    So as much is done in some seconds on a busy machine as on one that has nothing else to do. It
    tells of no submission: one that keeps the processors busy would give itself more time.
    """

    def _moment(self) -> _Moment:
        return _Moment(time.monotonic(), *_ran_and_waited_s())

    def _passed_s(self, since: _Moment) -> float:
        ran_s, waited_s = _ran_and_waited_s()
        ran_s, waited_s = ran_s - since.ran_s, waited_s - since.waited_s
        share = ran_s / (ran_s + waited_s) if waited_s > 0 else 1.0
        return super()._passed_s(since) * max(share, LEAST_SHARE)


def _ran_and_waited_s() -> tuple[float, float]:
    """How long this process has run, and has waited to run; zeros where that is not to be had."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            ran_ns, waited_ns = (int(part) for part in file.read().split()[:2])
    except (OSError, ValueError):
        return 0.0, 0.0
    return ran_ns / 1e9, waited_ns / 1e9
