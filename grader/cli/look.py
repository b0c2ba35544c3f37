"""Commands that look into one failure: why, replay. `kata watch` does the same on two keys."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import (
    HERE,
    NAME_IT,
    NOT_PASSED,
    OK,
    WHICH,
    Add,
    add_submission,
    begun,
    course_of,
    progress,
    write,
)
from grader.course.catalog import Course
from grader.errors import NotFoundError, UsageError
from grader.judge.opening import open_grader
from grader.submission.find import find_submissions

if TYPE_CHECKING:
    from grader.judge.attempt import Attempt
    from grader.judge.grader import Grader
    from grader.submission.find import SubmissionFile
    from grader.verdict import CheckResult


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "why",
        why,
        "each of your lines for one case: its value, and whether it is right",
        examples=("kata why lstm_cell", "kata why lstm_cell matches_torch"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument(
        "check",
        nargs="?",
        metavar="CHECK",
        help="the check to look into (default: the first wrong)",
    )
    add_submission(made)
    made = command(
        "replay",
        replay,
        "the smallest failing case again, in full",
        examples=(
            "kata replay lstm_cell                     the first check that fails",
            "kata replay lstm_cell gradients --pdb     in a debugger",
            "kata replay lstm_cell --script            as Python of your own",
        ),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument(
        "check",
        nargs="?",
        metavar="CHECK",
        help="the check that failed (default: the first that fails)",
    )
    add_submission(made)
    how = made.add_mutually_exclusive_group()
    how.add_argument(
        "--pdb", action="store_true", help="run your code on it in a debugger, without the sandbox"
    )
    how.add_argument("--script", action="store_true", help="print it as Python to paste")


def why(arguments: argparse.Namespace) -> int:
    """`kata why`."""
    course = course_of(arguments)
    found = one_submission(course, arguments.kata, arguments.submission, "look into")
    opened = open_grader(course, level=arguments.isolation, seed=arguments.seed, training=False)
    with begun(opened) as grader:
        return show_why(grader, found, arguments.check)


def replay(arguments: argparse.Namespace) -> int:
    """`kata replay`."""
    course = course_of(arguments)
    found = one_submission(course, arguments.kata, arguments.submission, "replay")
    opened = open_grader(course, level=arguments.isolation, seed=arguments.seed)
    with begun(opened) as grader:
        return show_replay(
            grader, found, arguments.check, script=arguments.script, debugger=arguments.pdb
        )


def one_submission(
    course: Course, kata: str | None, submission: Path | None, what_for: str
) -> "SubmissionFile":
    """The one submission that a command looks into: the named one, or where one stands."""
    names = [kata] if kata is not None else []
    given = find_submissions(course, names, submission, start=Path.cwd())
    if len(given) > 1 and kata is None:
        raise UsageError(WHICH, advice=NAME_IT)
    if len(given) > 1:
        raise UsageError(f"{kata} means {len(given)} katas", advice=f"Name the one to {what_for}.")
    return given[0]


def show_why(grader: "Grader", found: "SubmissionFile", check: str | None) -> int:
    """Write a row for each step of a wrong call; returns the exit code.

    Args:
        grader: open.
        found: the submission.
        check: the check to look into; None for the first that has a wrong value.

    Raises:
        NotFoundError: the kata has no check of that name.
    """
    from grader.present.report import Writer
    from grader.present.text import console
    from grader.present.why import write_table
    from grader.submission.read import read_submission

    results, compared = [], None
    with (
        progress(found.kata.name) as working,
        closing(grader.attempt(found, progress=working)) as attempt,
    ):
        for name in _checks_of(attempt, check):
            results.append(attempt.run(name))
            if results[-1].status == "FAILED":
                compared = attempt.why(name)
            if compared is not None:
                break
    writer = Writer(console(), verbose=True)
    if compared is None:
        for result in results:
            if result.status == "FAILED" or (check is not None and result.status != "PASSED"):
                writer.check(result)
        writer.line("There is no wrong value to look into.")
        return _exit_code(results)
    write_table(writer, compared, read_submission(found))
    return NOT_PASSED


def show_replay(
    grader: "Grader",
    found: "SubmissionFile",
    check: str | None,
    *,
    script: bool = False,
    debugger: bool = False,
) -> int:
    """Write the smallest failing case in full; returns the exit code.

    Args:
        grader: open.
        found: the submission.
        check: the check that failed; None for the first that does.
        script: write it as Python to paste instead.
        debugger: then run the submission on it under pdb, in this process, without the sandbox.

    Raises:
        NotFoundError: the kata has no check of that name.
    """
    from grader.present.replay import debug, show
    from grader.present.report import Writer
    from grader.present.script import script_of
    from grader.present.text import console

    results, failed = [], None
    with (
        progress(found.kata.name) as working,
        closing(grader.attempt(found, progress=working)) as attempt,
    ):
        for name in _checks_of(attempt, check):
            results.append(attempt.run(name))
            if name in attempt.exchanges:
                failed = results[-1]
                break
        right = attempt.right_exchanges(failed.name) if failed is not None else []
    if failed is not None and script:
        stem = found.path.stem if found.path.stem.isidentifier() else found.kata.short
        module = stem if found.path.suffix == ".py" else None
        write("-", script_of(found.kata, attempt.exchanges[failed.name], module=module).encode())
        return NOT_PASSED
    writer = Writer(console(), verbose=True)
    if failed is None:
        for result in results:
            writer.check(result)
        writer.line("There is no failing case to replay.")
        return _exit_code(results)
    writer.check(failed)
    show(writer, found.kata, attempt.exchanges[failed.name], right)
    if not debugger:
        writer.line("The same as Python to paste: add --script. In a debugger: --pdb.", style="dim")
        return NOT_PASSED
    writer.line(
        "Now the same call runs under pdb, in this process, WITHOUT the sandbox: do "
        "this with your own code only.",
        style="bold yellow",
    )
    debug(found, attempt.exchanges[failed.name])
    return NOT_PASSED


def _checks_of(attempt: "Attempt", name: str | None) -> tuple[str, ...]:
    """The check that is named, or all of them."""
    names = attempt.check_names
    if name is not None and name not in names:
        raise NotFoundError(
            f"{attempt.kata.name} has no check {name[:80]!r}", advice=f"It has: {', '.join(names)}."
        )
    return (name,) if name is not None else names


def _exit_code(results: "list[CheckResult]") -> int:
    return OK if all(result.status == "PASSED" for result in results) else NOT_PASSED
