"""Signals to this process, handled in another way for a while."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def handling(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    """In the block these signals are handled so, and behind it as before.

    Only the main thread hears signals: in another one nothing is changed.
    """
    heard = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handlers[number]) for number in handlers if heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
