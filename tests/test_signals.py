"""Handlers stand for as long as the block, and in the main thread alone."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.signals import handling

NUMBER = signal.SIGUSR2


def test_the_block_hears_it_and_what_was_there_comes_back() -> None:
    heard: list[int] = []
    before = signal.getsignal(NUMBER)

    def fails(number: int, _: object) -> None:
        heard.append(number)
        raise ArithmeticError

    with pytest.raises(ArithmeticError), handling({NUMBER: fails}):
        signal.raise_signal(NUMBER)
    assert heard == [NUMBER]
    assert signal.getsignal(NUMBER) is before


def test_another_thread_changes_nothing() -> None:
    def inside() -> object:
        with handling({NUMBER: lambda *_: None}):
            return signal.getsignal(NUMBER)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(inside).result() is signal.getsignal(NUMBER)
