"""Commands for a class: grade, stats."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grader.cli.common import (
    NOT_PASSED,
    OK,
    Add,
    add_book,
    add_isolation,
    course_of,
    existing_book,
    seed,
    write,
)
from grader.cli.where import add_where, graded_where, progress_bar
from grader.course.kata import Kata
from grader.errors import UsageError
from grader.text import json_document

AGAIN = ("internal_error", "timed_out", "out_of_memory", "crashed", "flaky", "failed")
"""Statuses that another run may change."""


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "grade",
        grade,
        "grade a class into a gradebook; goes on where it stopped",
        examples=(
            "kata grade handed-in/ --gradebook class.sqlite --dry-run",
            "kata grade canvas.zip --gradebook class.sqlite --roster roster.csv --jobs 2",
            "kata grade handed-in/ --gradebook class.sqlite --scheduler tcp://127.0.0.1:8786",
        ),
    )
    made.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder or an archive"
    )
    add_book(made)
    made.add_argument(
        "--katas", nargs="+", metavar="KATA", help="katas or tracks to grade (default: all found)"
    )
    made.add_argument("--roster", type=Path, metavar="CSV", help="who is in the class")
    made.add_argument(
        "--pattern",
        default="",
        metavar="REGEX",
        help="for layouts that are not known: a regular expression over the path, with the group "
        "student, and kata, attempt, name, file if you like",
    )
    add_where(made)
    made.add_argument(
        "--secret-seed",
        type=seed,
        nargs="?",
        const=-1,
        metavar="N",
        help="grade with a seed that the gradebook alone knows (drawn once unless given)",
    )
    made.add_argument(
        "--no-training", action="store_true", help="leave out the checks in which code trains"
    )
    made.add_argument(
        "--again-where",
        type=str.lower,
        choices=AGAIN,
        metavar="STATUS",
        help=f"grade those again whose verdict has this status: {', '.join(AGAIN)}",
    )
    made.add_argument(
        "--dry-run", action="store_true", help="show who was found as what, and write nothing"
    )
    made.add_argument(
        "--wait", action="store_true", help="wait while another process writes the gradebook"
    )
    add_isolation(made)
    made = command("stats", stats, "what a class understands: checks and misconceptions")
    add_book(made)
    made.add_argument("--json", metavar="PATH", help="as JSON; - for standard output")
    made.add_argument("--markdown", metavar="PATH", help="as Markdown; - for standard output")


def stats(arguments: argparse.Namespace) -> int:
    """`kata stats`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import asked_in, prose_stats
    from grader.classroom.stats import names_in, stats_of
    from grader.present.classroom import stats_as_markdown, write_stats
    from grader.present.text import console

    path = existing_book(arguments.gradebook)
    with Gradebook(path) as book:
        people = prose_stats(book, asked_in(course_of(arguments).katas))
        found = stats_of(book.verdicts(), names=names_in(book.marks()), people=people)
    if arguments.json:
        document = {"schema_version": 1, "katas": found}
        write(arguments.json, json_document(document))
        return OK
    if arguments.markdown:
        write(arguments.markdown, stats_as_markdown(found).encode())
        return OK
    write_stats(console(), found)
    return OK


def grade(arguments: argparse.Namespace) -> int:
    """`kata grade`."""
    from grader.classroom.gradebook import (
        Gradebook,
        checked_name,
        has_secret_seed,
        students_in,
    )
    from grader.classroom.grading import digest_of, grade_waiting, require_solutions, rules_of
    from grader.classroom.handed import sort_out
    from grader.classroom.members import members_of
    from grader.classroom.prose import take_prose
    from grader.classroom.regrade import what_differs
    from grader.classroom.roster import Roster, Student
    from grader.course.rubric import RUBRIC_FILE
    from grader.judge.opening import Opening
    from grader.present.classroom import write_found, write_roster, write_summary
    from grader.present.text import console

    course = course_of(arguments)
    secret = arguments.secret_seed
    # What is wrong with these is told before a large folder is walked.
    book_file = checked_name(arguments.gradebook)
    where = graded_where(arguments, secret=secret is not None or has_secret_seed(book_file))
    roster = Roster(arguments.roster) if arguments.roster else None
    out = console()
    chosen = [k for name in arguments.katas or [] for k in course.select(name)]
    names = [kata.name for kata in chosen or course.katas]
    found = sort_out(
        members_of(arguments.submissions),
        names,
        pattern=arguments.pattern,
        notebooks_for=[kata.name for kata in chosen],
        prose_for=[k.name for k in course.katas if (k.folder / RUBRIC_FILE).is_file()],
        course=[kata.name for kata in course.katas],
        known=students_in(book_file),
        enrolled=roster.known if roster else (),
    )
    enrolled = roster.students(found.students) if roster else []
    write_found(out, found, all_of_it=arguments.dry_run)
    if roster is not None:
        write_roster(out, found.students, enrolled, all_of_it=arguments.dry_run)
    if arguments.dry_run:
        return OK
    if not (found.handed or found.prose or enrolled):
        raise UsageError(
            f"there is nothing to grade in {arguments.submissions}",
            advice="`--dry-run` names every file and why it is left out; see --pattern.",
        )
    with Gradebook(book_file, wait=_waiting if arguments.wait else lambda _: False) as book:
        given = None if secret is None or secret < 0 else secret
        # A class that has a secret seed is graded with it also where nobody says so again.
        drawn = book.seed(given) if secret is not None else book.kept_seed() or 0
        there = [*enrolled, *map(Student, found.students)]
        book.enrol(there, aliases=roster.known if roster else ())
        new = book.take([(one, digest_of(one.data)) for one in found.handed])
        texts = take_prose(book, found.prose)
        katas = _katas(course.katas, chosen, {one.kata for one in found.handed})
        opening = Opening(str(course.root), arguments.isolation, training=not arguments.no_training)
        rules = {kata.name: rules_of(kata, opening, drawn) for kata in katas}
        waiting, changed = [], {}
        for kata in katas:
            under = rules[kata.name]
            book.copy_known(under)
            waiting += book.waiting(kata.name, under)
            if others := book.rules_before(kata.name, under):
                changed[kata.name] = what_differs(others, under)
        again = []
        if arguments.again_where:
            status = arguments.again_where.upper()
            again = [one for k in katas for one in book.with_status(k.name, rules[k.name], status)]
            waiting += again
        files = len({(one.kata, one.data) for one in waiting})
        repeated = f", {len(again)} attempts again" if again else ""
        out.print(f"{new} new attempts, {files} to grade{repeated}")
        for name, what in changed.items():
            out.print(
                f"{name}: marks may change, since what was graded before was graded under other "
                f"rules. Not as before: {what}. `kata regrade --dry-run` shows who moves."
            )
        if texts:
            out.print(f"{texts} new answers in free text, for `kata mark`")
        if waiting:
            needed = [kata for kata in katas if any(one.kata == kata.name for one in waiting)]
            with where as graded, progress_bar() as show:
                require_solutions(needed, opening, drawn, graded)
                done = grade_waiting(
                    book,
                    waiting,
                    rules,
                    opening=opening,
                    seed=drawn,
                    graded=graded,
                    progress=show,
                )
            out.print(f"{done} graded")
        marks = book.marks(rules)
        missing = book.missing([kata.name for kata in katas])
    write_summary(out, marks, missing, [kata.name for kata in katas])
    return NOT_PASSED if any(mark.status == "INTERNAL_ERROR" for mark in marks) else OK


def _katas(all_of: Sequence[Kata], chosen: Sequence[Kata], found: set[str]) -> list[Kata]:
    """The katas to grade: those that were asked for, or else those that were found."""
    return list(chosen) or [kata for kata in all_of if kata.name in found]


def _waiting(holder: str) -> bool:
    """Wait a moment, and say for whom."""
    print(f"kata: waiting for {holder}", file=sys.stderr, flush=True)
    time.sleep(2.0)
    return True
