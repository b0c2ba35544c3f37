"""How often something is tried when a process goes down that may not be to blame for it."""

from collections.abc import Iterator

TRIES = 2
"""Once more: a process can be killed from outside, but what brings it down twice is the cause."""


def tries() -> Iterator[bool]:
    """For each try, whether another one is left after it."""
    for number in range(1, TRIES + 1):
        yield number < TRIES
