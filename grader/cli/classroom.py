"""Commands for a class: grade, export, stats."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import (
    NOT_PASSED,
    OK,
    Add,
    add_isolation,
    count,
    course_of,
    seed,
    write,
)
from grader.course.kata import Kata
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.classroom.gradebook import Mark, Past
    from grader.classroom.policy import Grade


def add(command: Add) -> None:
    """Add the commands."""
    made = command("grade", grade, "grade a class into a gradebook; goes on where it stopped")
    made.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder or an archive"
    )
    _add_book(made)
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
    made.add_argument(
        "--jobs", type=count, default=min(os.cpu_count() or 1, 8), metavar="N", help="processes"
    )
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
        metavar="STATUS",
        help="grade those again whose verdict has this status: internal_error",
    )
    made.add_argument(
        "--dry-run", action="store_true", help="show who was found as what, and write nothing"
    )
    made.add_argument(
        "--wait", action="store_true", help="wait while another process writes the gradebook"
    )
    add_isolation(made)
    made = command("export", export, "the marks of a gradebook: CSV, JSON, Canvas, Moodle")
    _add_book(made)
    made.add_argument("--format", choices=("csv", "json", "canvas", "moodle"), default="csv")
    made.add_argument(
        "--into",
        type=Path,
        metavar="THEIR.csv",
        help="canvas, moodle: the sheet that the system has exported, which is filled in",
    )
    made.add_argument("--column", metavar="TITLE", help="canvas: the assignment's title, or its id")
    made.add_argument("--katas", nargs="+", metavar="KATA", help="what counts (default: all)")
    made.add_argument(
        "--take",
        choices=("best", "last", "first"),
        help="which attempt counts (default: best, or what the policy says)",
    )
    made.add_argument(
        "--policy", type=Path, metavar="TOML", help="what counts: lateness, weights, the lowest"
    )
    made.add_argument("-o", "--output", default="-", metavar="PATH", help="- is standard output")
    made = command("stats", stats, "what a class understands: checks and misconceptions")
    _add_book(made)
    made.add_argument("--json", metavar="PATH", help="as JSON; - for standard output")


def stats(arguments: argparse.Namespace) -> int:
    """`kata stats`."""
    import msgspec

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.stats import names_in, stats_of
    from grader.present.classroom import write_stats
    from grader.present.text import console

    if not arguments.gradebook.is_file():
        raise UsageError(
            f"there is no gradebook {arguments.gradebook}", advice="`kata grade` makes one."
        )
    with Gradebook(arguments.gradebook) as book:
        found = stats_of(book.verdicts(), names=names_in(book.marks()))
    if arguments.json:
        document = {"schema_version": 1, "katas": found}
        write(arguments.json, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
        return OK
    write_stats(console(), found)
    return OK


def _add_book(made: argparse.ArgumentParser) -> None:
    made.add_argument("--gradebook", type=Path, required=True, metavar="FILE.sqlite")


def grade(arguments: argparse.Namespace) -> int:
    """`kata grade`."""
    from grader.classroom.gradebook import Gradebook, checked_name
    from grader.classroom.grading import digest_of, grade_waiting, rules_of, solutions_fail
    from grader.classroom.handed import sort_out
    from grader.classroom.members import members_of
    from grader.classroom.roster import Student, read_roster
    from grader.judge.opening import Opening
    from grader.present.classroom import write_found, write_summary
    from grader.present.text import console

    course = course_of(arguments)
    out = console()
    chosen = [k for name in arguments.katas or [] for k in course.select(name)]
    names = [kata.name for kata in chosen or course.katas]
    found = sort_out(
        members_of(arguments.submissions),
        names,
        pattern=arguments.pattern,
        notebooks_for=[kata.name for kata in chosen],
    )
    roster = read_roster(arguments.roster) if arguments.roster else []
    write_found(out, found, all_of_it=arguments.dry_run)
    if arguments.dry_run:
        return OK
    book_file = checked_name(arguments.gradebook)
    with Gradebook(book_file, wait=_waiting if arguments.wait else lambda _: False) as book:
        secret = arguments.secret_seed
        given = None if secret is None or secret < 0 else secret
        drawn = book.seed(given) if secret is not None else 0
        book.enrol([*roster, *map(Student, found.students)])
        new = book.take([(one, digest_of(one.data)) for one in found.handed])
        katas = _katas(course.katas, chosen, {one.kata for one in found.handed})
        opening = Opening(str(course.root), arguments.isolation, training=not arguments.no_training)
        rules = {kata.name: rules_of(kata, opening, drawn) for kata in katas}
        again = 0
        for kata in katas:
            if arguments.again_where:
                again += book.drop(rules[kata.name], arguments.again_where.upper())
            book.copy_known(rules[kata.name])
        # Equal files are graded once: the others are given its verdict afterwards.
        waiting = [
            one
            for kata in katas
            for one in {w.data: w for w in book.waiting(kata.name, rules[kata.name])}.values()
        ]
        repeated = f", {again} again" if again else ""
        out.print(f"{new} new attempts, {len(waiting)} to grade{repeated}")
        if waiting:
            needed = [kata for kata in katas if any(one.kata == kata.name for one in waiting)]
            broken = solutions_fail(needed, opening, drawn)
            if broken:
                raise UsageError(
                    f"the course's own solution does not pass: {', '.join(broken)}",
                    advice="Nothing was graded. `kata audit` says what is wrong with it.",
                )
            with progress_bar() as show:
                done = grade_waiting(
                    book,
                    waiting,
                    rules,
                    opening=opening,
                    seed=drawn,
                    jobs=arguments.jobs,
                    progress=show,
                )
            out.print(f"{done} graded")
            for kata in katas:
                book.copy_known(rules[kata.name])
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


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar with the time that is left, on a terminal."""
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from grader.present.text import console

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, transient=True, disable=hidden, console=console(sys.stderr)) as bar:
        task = bar.add_task("grading", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def export(arguments: argparse.Namespace) -> int:
    """`kata export`."""
    import msgspec

    from grader.classroom.gradebook import Gradebook
    from grader.present.classroom import marks_as_csv

    if not arguments.gradebook.is_file():
        raise UsageError(
            f"there is no gradebook {arguments.gradebook}", advice="`kata grade` makes one."
        )
    with Gradebook(arguments.gradebook) as book:
        marks = book.marks()
        missing = book.missing(sorted({mark.kata for mark in marks}))
        history = book.history()
    given = _grades(arguments, marks, history) if arguments.policy else None
    if arguments.format in ("canvas", "moodle"):
        return _fill(arguments, marks, given)
    if given is not None:
        write(arguments.output, _written(arguments.format, given))
        return OK
    if arguments.format == "csv":
        text = marks_as_csv(marks, missing)
    else:
        rows = msgspec.to_builtins(marks)
        rows += [{"student": who, "kata": kata, "status": "MISSING"} for who, kata in missing]
        document = {"schema_version": 1, "marks": rows, "history": msgspec.to_builtins(history)}
        text = json.dumps(document, indent=2) + "\n"
    write(arguments.output, text.encode())
    return OK


def _grades(
    arguments: argparse.Namespace, marks: "Sequence[Mark]", history: "Sequence[Past]"
) -> "list[Grade]":
    """What each student has under a policy."""
    from grader.classroom.policy import grades, read_policy, settled, zone_of
    from grader.classroom.times import no_times, read_extensions, read_times

    if arguments.take is not None:
        raise UsageError(
            "--take and --policy both say which attempt counts",
            advice="Write take into the policy.",
        )
    course = course_of(arguments)
    names = [kata.name for kata in course.katas]
    path = arguments.policy
    policy = read_policy(path, [*names, *(name.partition("/")[0] for name in names)])
    zone = zone_of(policy.zone, path)
    beside = path.parent
    times = read_times(beside / policy.times, names, zone) if policy.times else no_times
    longer = (
        read_extensions(beside / policy.extensions, names, zone)
        if policy.extensions
        else lambda student, kata: None
    )
    return grades(
        settled(marks, history, may_fall=policy.may_fall),
        _counted(arguments, marks),
        policy,
        handed_at=times,
        extended=longer,
    )


def _written(format_: str, given: "Sequence[Grade]") -> bytes:
    """Grades as CSV or JSON."""
    import msgspec

    from grader.present.classroom import grades_as_csv

    if format_ == "csv":
        return grades_as_csv(given).encode()
    document = {"schema_version": 1, "grades": given}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _counted(arguments: argparse.Namespace, marks: "Sequence[Mark]") -> list[str]:
    """The katas that count: those that are named, or else all that something is there for."""
    course = course_of(arguments)
    chosen = [kata.name for name in arguments.katas or [] for kata in course.select(name)]
    return chosen or sorted({mark.kata for mark in marks})


def _fill(
    arguments: argparse.Namespace, marks: "Sequence[Mark]", given: "Sequence[Grade] | None"
) -> int:
    """Fill in the sheet of another system."""
    from grader.classroom.fill import fill_canvas, fill_moodle, totals
    from grader.classroom.policy import as_totals
    from grader.present.text import clean

    if arguments.into is None:
        raise UsageError(
            f"--format {arguments.format} fills in a sheet that the system has exported",
            advice="Name it: --into THEIR.csv. What comes out goes to --output.",
        )
    if arguments.format == "canvas" and not arguments.column:
        raise UsageError(
            "which assignment of Canvas?", advice="Name it: --column 'LSTM (1234)', or 1234."
        )
    counted = (
        as_totals(given)
        if given is not None
        else totals(marks, _counted(arguments, marks), arguments.take or "best")
    )
    filled = (
        fill_canvas(arguments.into, arguments.column, counted)
        if arguments.format == "canvas"
        else fill_moodle(arguments.into, counted)
    )
    write(arguments.output, filled.data)
    for who in filled.unknown:
        print(f"not in the sheet: {clean(who)}", file=sys.stderr)
    for who in filled.unmatched:
        print(f"no mark for the row of: {clean(who)}", file=sys.stderr)
    print(f"{filled.changed} cells changed", file=sys.stderr)
    return OK
