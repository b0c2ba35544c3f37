"""What the commands share: arguments, exit codes, where output goes."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

from grader.course.catalog import Course, built_in_course
from grader.errors import UsageError

OK, NOT_PASSED, USAGE, INTERNAL = 0, 1, 2, 3
MAX_SEED = 2**63 - 1

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one clean line, and the next step."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(USAGE, f"kata: {plain(message)}\n      Try: {self.prog} --help\n")


class Add(Protocol):
    """Adds a command to the parser."""

    def __call__(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """Add it; returns its own parser, for arguments."""
        ...


def add_submission(parser: argparse.ArgumentParser) -> None:
    """Arguments that say what to grade, and how."""
    parser.add_argument(
        "--submission",
        type=Path,
        metavar="PATH",
        help="a .py or .ipynb file, or a folder of them",
    )
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="draw other cases (default 0)"
    )
    add_isolation(parser)


def add_isolation(parser: argparse.ArgumentParser) -> None:
    """The argument that insists on an isolation level."""
    parser.add_argument(
        "--isolation",
        choices=("full", "process"),
        help=(
            "full: refuse to run without namespaces; process: do without them (default: the "
            "best that works)"
        ),
    )


def course_of(arguments: argparse.Namespace) -> Course:
    """The course that the command is about."""
    return Course(arguments.course) if arguments.course else built_in_course()


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says what is being done; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from grader.present.text import status

    with status(what, sys.stderr) as show:
        yield show


def check_writable(*paths: str | None) -> None:
    """Find out now, not after the grading, that a file cannot be written."""
    for path in paths:
        if path not in (None, "-") and not os.access(
            os.path.dirname(os.path.abspath(path)), os.W_OK
        ):
            raise UsageError(f"{path} cannot be written: its folder is missing or read-only")


def write(path: str, data: bytes, *, private: bool = False) -> None:
    """Write a file, or standard output for `-`; a private one is for its owner alone."""
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        mode = 0o600 if private else 0o666
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def plain(text: str) -> str:
    """A text without control characters (names of files and katas may hold anything)."""
    return re.sub(
        r"[^\x20-\x7e\u00a0-\u2027\u2030-\u2065\u2070-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
        "?",
        text,
    )


def seed(text: str) -> int:
    """A seed, as an argument."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MAX_SEED}")
    return value


def count(text: str) -> int:
    """A number from 1 to 1000, as an argument."""
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1000")
    return int(text)
