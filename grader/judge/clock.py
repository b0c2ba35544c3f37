"""A clock that runs only while somebody works for one submission.

What is collected, waits, or is graded in between costs nobody else's submission any time.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager


class Clock:
    """How much time was used, in seconds. It stands still until it is first run.

    Args:
        used_s: what was used before.
    """

    def __init__(self, used_s: float = 0.0) -> None:
        self._used_s = used_s
        self._since: float | None = None

    @property
    def used_s(self) -> float:
        """What was used so far."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._used_s + running

    def restart(self) -> None:
        """Run on from zero."""
        self._used_s = 0.0
        self._since = time.monotonic()

    def back_to(self, used_s: float) -> None:
        """Take back what was used since; it does now what it did before."""
        self._used_s = used_s
        self._since = None if self._since is None else time.monotonic()

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
        self._since = time.monotonic() if on else None
