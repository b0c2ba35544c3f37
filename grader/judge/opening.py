"""The one seam: everything that grades opens a grader here, or calls `grade_source`.

The judge and the zygote import torch side by side: the one in a thread, so that starting the
other, and waiting for its first word, takes no time of its own.
"""

import gc
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course.catalog import Course, built_in_course
from grader.judge import light_torch
from grader.sandbox.sandbox import Level, Sandbox
from grader.wire.places import Devices

if TYPE_CHECKING:
    from grader.judge.grader import Grader
    from grader.verdict import Verdict


class Opening(Struct, frozen=True):
    """How to open a grader: plain data, so that it can be sent to another process.

    Args:
        course: the course's folder; empty for the built-in course.
        level: the isolation to insist on: "full" refuses to run without namespaces, "process" does
            without them, None takes the best that works.
        devices: where, and in which dtypes, else a submission is asked; see `wire.places`.
        hidden_checks: also run a kata's `hidden_checks.py` (exams).
        training: also run the checks in which a submission trains; without it they are not
            verified, which costs and gives no points.
        data: a file or folder of real data for those checks; empty for what they make themselves.
        keeps: keep what the course's own mistakes answer in the user's cache, for the next grader.
    """

    course: str = ""
    level: Level | None = None
    devices: Devices = "cpu"
    hidden_checks: bool = False
    training: bool = True
    data: str = ""
    keeps: bool = True


BUILT_IN = Opening()
"""The built-in course, the best isolation that works."""


@contextmanager
def open_grader(
    course: Course | None = None,
    *,
    level: Level | None = None,
    seed: int = 0,
    devices: Devices = "cpu",
    hidden_checks: bool = False,
    training: bool = True,
    data: Path | None = None,
    keeps: bool = True,
) -> "Iterator[Grader]":
    """Open a sandbox and a grader in it; both are closed at the end of the block.

    Args:
        course: where the katas are; None is the built-in course. Its `katas/` and `solutions/` are
            out of a submission's sight.
        level: see `Opening`.
        seed: cases derive from it.
        devices: see `Opening`.
        hidden_checks: see `Opening`.
        training: see `Opening`.
        data: see `Opening`.
        keeps: see `Opening`.

    Raises:
        SandboxError: the isolation that was asked for cannot be had.
    """
    course = course or built_in_course()
    hidden = [course.root / "katas", course.root / "solutions"]
    with ExitStack() as stack:
        with ThreadPoolExecutor(1) as beside:
            importing = beside.submit(import_engine)
            sandbox = stack.enter_context(Sandbox(level=level, hidden=hidden))
        importing.result()
        from grader.judge.grader import Grader
        from grader.judge.keeping import cache_folder

        grader = Grader(
            course,
            sandbox,
            seed=seed,
            hidden_checks=hidden_checks,
            devices=devices,
            training=training,
            data=data,
            keeps=cache_folder() if keeps else None,
        )
        try:
            yield grader
        finally:
            grader.close()


def import_engine() -> None:
    """Import torch and the engine; collecting garbage meanwhile would take a sixth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    import grader.judge.grader  # noqa: F401

    light_torch.give_back()
    if collecting:
        gc.enable()


def grade_source(
    kata: str, source: bytes, *, opening: Opening = BUILT_IN, seed: int = 0, shown: str = ""
) -> "Verdict":
    """Grade one submission. Arguments and result are plain data; nothing else is changed.

    Args:
        kata: the kata's name.
        source: the submission's text (Python).
        opening: the course, and how to fence submissions in.
        seed: cases derive from it.
        shown: the submission's path, for messages.

    Raises:
        UsageError: there is no such course or kata.
        SandboxError: no submission can be run here.
    """
    with lent_grader(opening) as grader:
        found = grader.course.find(kata)
        return grader.attempt_source(found, source, shown=shown, seed=seed).verdict()


@contextmanager
def lent_grader(opening: Opening) -> "Iterator[Grader]":
    """A grader that stays open behind the block, for the next one of the same thread.

    Starting a sandbox takes seconds, and a pool's process grades many submissions. Every thread of
    every process has a grader of its own (none is inherited by a fork); one that fails, or one for
    another opening, is closed.
    """
    kept = _kept.__dict__
    key = (os.getpid(), opening)
    if kept.get("key") != key:
        close_lent()
        with ExitStack() as stack:
            course = Course(Path(opening.course)) if opening.course else None
            grader = stack.enter_context(
                open_grader(
                    course,
                    level=opening.level,
                    devices=opening.devices,
                    hidden_checks=opening.hidden_checks,
                    training=opening.training,
                    data=Path(opening.data) if opening.data else None,
                    keeps=opening.keeps,
                )
            )
            kept.update(key=key, grader=grader, stack=stack.pop_all())
    try:
        yield kept["grader"]
    except BaseException:
        close_lent()
        raise


def close_lent() -> None:
    """Close the grader that `lent_grader` keeps open in this thread, if there is one."""
    kept = _kept.__dict__
    if kept.get("key", (None,))[0] == os.getpid():
        kept["stack"].close()
    kept.clear()


_kept = threading.local()
