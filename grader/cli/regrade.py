"""`kata regrade`: a gradebook's files are graded anew."""

import argparse
import sys

from grader.cli.common import (
    INTERNAL,
    OK,
    Add,
    add_gradebook,
    add_isolation,
    course_of,
    existing_book,
)
from grader.cli.where import add_where, graded_where, progress_bar
from grader.errors import UsageError


def add(command: Add) -> None:
    """Add the commands."""
    made = command("regrade", regrade, "grade a gradebook's files anew, and show who would move")
    add_gradebook(made)
    made.add_argument(
        "--katas", nargs="+", metavar="KATA", help="katas or tracks (default: all in the gradebook)"
    )
    made.add_argument("--dry-run", action="store_true", help="show who would move, write nothing")
    made.add_argument("--yes", action="store_true", help="write without asking")
    add_where(made)
    made.add_argument(
        "--no-training", action="store_true", help="leave out the checks in which code trains"
    )
    add_isolation(made)


def regrade(arguments: argparse.Namespace) -> int:
    """`kata regrade`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.grading import require_solutions, rules_of
    from grader.classroom.regrade import regrade as graded_anew
    from grader.judge.opening import Opening
    from grader.present.regrade import write_regraded
    from grader.present.text import console

    course = course_of(arguments)
    chosen = [kata for name in arguments.katas or [] for kata in course.select(name)]
    out = console()
    with Gradebook(existing_book(arguments.gradebook)) as book:
        there = set(book.katas())
        katas = [kata for kata in chosen or course.katas if kata.name in there]
        known = {kata.name for kata in course.katas}
        for name in sorted(there - known) if not chosen else ():
            out.print(f"{name}: its verdicts stay, since the course has no such kata")
        opening = Opening(str(course.root), arguments.isolation, training=not arguments.no_training)
        kept = book.kept_seed()
        seed = kept or 0
        where = graded_where(arguments, secret=kept is not None)
        rules = {kata.name: rules_of(kata, opening, seed) for kata in katas}
        stale = {kata.name for kata in katas if book.outdated(kata.name, rules[kata.name])}
        if not stale:
            out.print("Every verdict was made by today's rules. Nothing is to be graded anew.")
            return OK
        asks = not (arguments.dry_run or arguments.yes)
        if asks and not sys.stdin.isatty():  # rather now than after an hour of grading
            raise UsageError(
                "nobody can be asked whether the new verdicts are to be written",
                advice="Add --dry-run to see who would move, or --yes to write.",
            )
        outdated = [kata for kata in katas if kata.name in stale]
        with where as graded, progress_bar() as show:
            require_solutions(outdated, opening, seed, graded)
            found = graded_anew(
                book, rules, opening=opening, seed=seed, graded=graded, progress=show
            )
        write_regraded(out, found)
        count = len(found.verdicts)
        if not count or arguments.dry_run or (asks and not _agreed(count)):
            out.print("Nothing was written.")
        else:
            book.record_all(found.verdicts)
            out.print(f"{count} verdicts written. The earlier ones stay.")
    return INTERNAL if found.failed else OK


def _agreed(verdicts: int) -> bool:
    """Ask a person, who sees the question wherever the output goes."""
    question = f"Write these {verdicts} verdicts into the gradebook? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
