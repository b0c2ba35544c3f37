"""A command that is ended from outside: all is put away, one line is said, the exit code tells it.

Ctrl+C is Python's own KeyboardInterrupt. SIGTERM and SIGHUP become an exception too, so that
sandboxes, files and gradebooks are closed in the same way.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from grader.signals import handling

ASKED = (signal.SIGTERM, signal.SIGHUP)


class EndedError(BaseException):
    """Somebody has asked this process to end, by this signal.

    It is no KeyboardInterrupt: where Ctrl+C leads back to a prompt (a debugger's), this does not.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def how(error: KeyboardInterrupt | EndedError) -> tuple[str, int]:
    """What is said about an end from outside, and the exit code: 128 and the signal's number."""
    if isinstance(error, EndedError):
        return f"ended by {signal.Signals(error.number).name}", 128 + error.number
    return "interrupted", 128 + signal.SIGINT


@contextmanager
def heard() -> Iterator[None]:
    """Meanwhile a signal that asks this process to end raises `EndedError`.

    One that is ignored (as `nohup` does) or handled stays so. Other threads hear none.
    """
    free = [number for number in ASKED if signal.getsignal(number) is signal.SIG_DFL]
    with handling(dict.fromkeys(free, _end)):
        yield


def _end(number: int, frame: FrameType | None) -> NoReturn:
    for asked in ASKED:  # a second one does not wait until all is put away
        signal.signal(asked, signal.SIG_DFL)
    raise EndedError(number)
