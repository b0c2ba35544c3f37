"""What the commands share: arguments, exit codes, where output goes."""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.workspace import course_at, standing_in
from grader.data.files import write_whole
from grader.errors import UsageError
from grader.text import one_line

if TYPE_CHECKING:
    from grader.judge.grader import Grader

OK, NOT_PASSED, USAGE, INTERNAL = 0, 1, 2, 3
MAX_SEED = 2**63 - 1
WHICH, NAME_IT = "which kata?", "Name it, or stand in its folder; `kata list` shows them all."
HERE = "its name, as far as it is unique (default: the one whose folder you stand in)"

STARTING = "kata: starting the judge ..."

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one clean line, and the next step."""

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write, and let the caller know where that fails (argparse's own keeps quiet)."""
        stream = file or sys.stdout
        stream.write(message)
        stream.flush()

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """The values of an argument; argparse's own gives none at all for `--option=--`."""
        values = super()._get_values(action, arg_strings)
        if action.nargs is None and values == []:
            raise argparse.ArgumentError(action, "expected one argument")
        return values

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse; what a command does not know is an error of its own, and not of `kata`."""
        found, rest = super().parse_known_args(args, namespace)
        if rest and " " in self.prog:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """End with exit code 2, and say what may have been meant."""
        advice = f"Try: {self.prog} --help"
        unknown = re.search(r"unrecognized arguments: (--[\w-]{1,100})", message)
        if unknown is not None:
            close = difflib.get_close_matches(unknown[1], self._option_string_actions, n=1)
            advice = f"Did you mean {close[0]}? {advice}" if close else advice
        mistyped = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if mistyped is not None:
            choices = [choice.strip(" '") for choice in mistyped[2].split(",")]
            close = difflib.get_close_matches(mistyped[1], choices, n=1)
            if message.startswith("argument COMMAND"):
                message = f"there is no command {mistyped[1][:80]!r}"
            if close:
                advice = f"Did you mean {close[0]}?"
        self.exit(USAGE, f"kata: {one_line(message)}\n      {advice}\n")


def examples_text(lines: Sequence[str]) -> str:
    """Command lines, as the end of a help text."""
    return "\n".join(["examples:", *(f"  {line}" for line in lines)]) if lines else ""


class Add(Protocol):
    """Adds a command to the parser."""

    def __call__(
        self, name: str, run: Run, text: str, *, examples: Sequence[str] = ()
    ) -> argparse.ArgumentParser:
        """Add it, with command lines to show in its help; returns its own parser, for arguments."""
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
    """The course that the command is about: `--course`, the workspace's, or the built-in one."""
    return Course(arguments.course) if arguments.course else course_at(Path.cwd())


def kata_of(arguments: argparse.Namespace) -> Kata:
    """The kata that the command is about: the one named, or the one whose folder one stands in.

    Raises:
        UsageError: none is named, and one stands in none's folder.
        SpecError: its `kata.toml` is broken.
    """
    course = course_of(arguments)
    named = arguments.kata is not None
    here = (course.find(arguments.kata),) if named else standing_in(course, Path.cwd())
    if len(here) != 1:
        raise UsageError(WHICH, advice=NAME_IT)
    _ = here[0].spec  # what is broken in it is told before anything is shown of the kata
    return here[0]


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says what is being done; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from grader.present.text import status

    with status(what, sys.stderr) as show:
        yield show


@contextmanager
def begun(opened: "AbstractContextManager[Grader]") -> "Iterator[Grader]":
    """A grader that is opened; a terminal says so meanwhile, since torch takes a second."""
    shown = sys.stderr.isatty()
    with ExitStack() as stack:
        if shown:
            print(STARTING, end="", file=sys.stderr, flush=True)
        try:
            grader = stack.enter_context(opened)
        finally:
            if shown:
                print(f"\r{' ' * len(STARTING)}\r", end="", file=sys.stderr, flush=True)
        yield grader


def add_gradebook(parser: argparse.ArgumentParser) -> None:
    """The argument that names a gradebook."""
    parser.add_argument("gradebook", type=Path, metavar="GRADEBOOK", help="made by `kata grade`")


def add_book(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """The option that names a gradebook, where a command is about other files too."""
    parser.add_argument(
        "--gradebook",
        type=Path,
        required=required,
        metavar="FILE.sqlite",
        help="the gradebook, which `kata grade` makes",
    )


def existing_book(path: Path) -> Path:
    """A gradebook that is there.

    Raises:
        UsageError: it is not.
    """
    if not path.is_file():
        raise UsageError(f"there is no gradebook {path}", advice="`kata grade` makes one.")
    return path


def check_writable(*paths: str | None) -> None:
    """Find out now, not after the grading, that a file cannot be written."""
    for path in paths:
        if path in (None, "-"):
            continue
        if os.path.isdir(path):
            raise UsageError(f"{path} is a folder", advice="Name a file in it.")
        if not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK):
            raise UsageError(f"{path} cannot be written: its folder is missing or read-only")


def write(path: str, data: bytes, *, private: bool = False) -> None:
    """Write a file whole, or standard output for `-`; a private one is for its owner alone."""
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(Path(path), data, mode=0o600 if private else 0o666)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


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
