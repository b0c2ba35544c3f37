"""Interrupts what a submission does once its time is over, so that it can be told where it stood.

Nothing depends on it: what cannot be interrupted is ended by the judge's own deadline.
"""

import signal
from types import FrameType

_AGAIN_S = 0.25


class OutOfTime(BaseException):
    """The time is over. Not an Exception, so that little on the way catches it."""


class Alarm:
    """A block that is interrupted after some seconds, by the real clock; after 0 never.

    What catches the interruption is interrupted again, and who resets the timer, or who answers
    the signal instead, is ended by the judge's deadline.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        if self._seconds:
            signal.signal(signal.SIGALRM, _ring)  # each time: a submission may have its own by now
            signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN_S)

    def __exit__(self, *_: object) -> None:
        if self._seconds:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _ring(number: int, frame: FrameType | None) -> None:
    raise OutOfTime
