"""A block is interrupted once its time is over, whatever a submission has done to the signal."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from grader.worker.alarm import Alarm, OutOfTime


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN, lambda *_: None])
def test_the_block_is_interrupted_whoever_answered_the_signal_before(handler) -> None:
    for _ in range(2):
        signal.signal(signal.SIGALRM, handler)
        with pytest.raises(OutOfTime), Alarm(0.01):
            threading.Event().wait(10)


def test_who_catches_the_interruption_is_interrupted_again() -> None:
    caught = []

    def catches_twice() -> None:
        while len(caught) < 2:
            try:
                time.sleep(10)
            except OutOfTime as over:
                caught.append(over)
        time.sleep(10)

    with pytest.raises(OutOfTime), Alarm(0.01):
        catches_twice()
    assert len(caught) == 2


def test_what_comes_behind_the_block_is_not_interrupted() -> None:
    with Alarm(0.02):
        pass
    time.sleep(0.05)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_after_no_time_nothing_is_interrupted() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    with Alarm(0):
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
