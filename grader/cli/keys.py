"""Keys of a terminal, one by one: also after a shell or a debugger has had it, or it has gone.

A window that is closed takes its terminal away. Whoever reads from there, or puts it back as it
was, gets an error that tells nobody anything.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_lent = threading.Event()
"""A debugger has the terminal."""


@contextlib.contextmanager
def single_keys() -> Iterator[None]:
    """Keys arrive one by one and are not echoed; the terminal is as it was afterwards."""
    before = _settings()
    try:
        _hear_single_keys()
        yield
    finally:
        _set(before)


@contextlib.contextmanager
def whole_lines() -> Iterator[None]:
    """Lines again, for a debugger."""
    import termios

    before = _settings()
    lines = [*before]
    if lines:
        lines[3] |= termios.ICANON | termios.ECHO
    _lent.set()
    try:
        _set(lines)
        yield
    finally:
        _set(before)
        _lent.clear()


def heard_again() -> bool:
    """Whether a shell had the terminal (Ctrl+Z, then `fg`) and left it with whole lines.

    If so, keys arrive one by one again.
    """
    import termios

    if _lent.is_set():
        return False
    settings = _settings()
    with contextlib.suppress(OSError):
        mine = os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
        if mine and settings and settings[3] & termios.ICANON:
            _hear_single_keys()
            return True
    return False


def pressed() -> str:
    """Keys that have been pressed; q where the terminal has gone away, none while it is lent."""
    if _lent.is_set():
        return ""
    data = b""
    with contextlib.suppress(OSError):
        data = os.read(sys.stdin.fileno(), 32)
    return data.decode("utf-8", "ignore").lower() or "q"


def _hear_single_keys() -> None:
    import termios
    import tty

    with contextlib.suppress(termios.error):
        tty.setcbreak(sys.stdin.fileno())


def _settings() -> list[Any]:
    """How the terminal is set; empty where it has gone away."""
    import termios

    with contextlib.suppress(termios.error):
        return termios.tcgetattr(sys.stdin.fileno())
    return []


def _set(settings: list[Any]) -> None:
    """Set the terminal, unless it has gone away."""
    import termios

    if settings:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, settings)
