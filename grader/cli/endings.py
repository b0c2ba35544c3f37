"""A command that is ended from outside: all is put away, one line is said, the exit code tells it.

Ctrl+C is Python's own KeyboardInterrupt. SIGTERM and SIGHUP become one too, so that sandboxes,
files and gradebooks are closed in the same way.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ASKED = (signal.SIGTERM, signal.SIGHUP)


class EndedError(KeyboardInterrupt):
    """Somebody has asked this process to end, by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def how(error: KeyboardInterrupt) -> tuple[str, int]:
    """What is said about an end from outside, and the exit code: 128 and the signal's number."""
    if isinstance(error, EndedError):
        return f"ended by {signal.Signals(error.number).name}", 128 + error.number
    return "interrupted", 128 + signal.SIGINT


@contextmanager
def heard() -> Iterator[None]:
    """Meanwhile a signal that asks this process to end raises `EndedError`.

    One that is ignored (as `nohup` does) or handled stays so. Other threads hear none.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in ASKED:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    for asked in ASKED:  # it is ending: a second one would end the tidying up
        signal.signal(asked, signal.SIG_IGN)
    raise EndedError(number)
