"""Commands that write a page: report, dashboard."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from grader.cli.common import (
    OK,
    Add,
    add_gradebook,
    add_submission,
    begun,
    check_writable,
    course_of,
    existing_book,
    progress,
    write,
)
from grader.cli.grade import exit_code, remember, say_unsaved
from grader.course.progress import Progress, next_of
from grader.judge import opening
from grader.submission.find import find_submissions


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "report",
        report,
        "your verdicts, lines and pictures on one HTML page",
        examples=("kata report", "kata report lstm -o lstm.html"),
    )
    made.add_argument("kata", nargs="*", metavar="KATA | FILE", help="as for `kata check`")
    add_submission(made)
    made.add_argument(
        "--no-training", action="store_true", help="leave out the checks in which your code trains"
    )
    _add_output(made, "report.html")
    made = command("dashboard", dashboard, "what a class understands, on one HTML page")
    add_gradebook(made)
    _add_output(made, "class.html")


def _add_output(made: argparse.ArgumentParser, default: str) -> None:
    made.add_argument(
        "-o",
        "--output",
        default=default,
        metavar="FILE.html",
        help=f"the page (default: {default}); - is standard output",
    )


def report(arguments: argparse.Namespace) -> int:
    """`kata report`."""
    course = course_of(arguments)
    start = Path.cwd()
    found = find_submissions(course, arguments.kata, arguments.submission, start=start)
    for item in found:
        _ = item.kata.spec  # a broken kata.toml is told before anything is started
    check_writable(arguments.output)
    opened = opening.open_grader(
        course,
        level=arguments.isolation,
        seed=arguments.seed,
        training=not arguments.no_training,
    )
    with begun(opened) as grader:
        from grader.present.report_page import Graded, report_page
        from grader.submission.read import read_submission

        graded = []
        for number, item in enumerate(found, 1):
            with progress(f"{item.kata.name} ({number} of {len(found)})") as show:
                verdict = grader.grade(item, progress=show, picture=True)
            read = read_submission(item)
            source = read.source.decode() if read.sha256 == verdict.sha256 else ""
            graded.append(Graded(item.kata, verdict, source))
    verdicts = [one.verdict for one in graded]
    if not remember(arguments, verdicts):
        say_unsaved()
    passed = Progress(start).passed
    passed |= {verdict.kata for verdict in verdicts if verdict.status == "PASSED"}
    page = report_page(
        graded,
        course=course.spec.title,
        up_next=next_of(course, passed),
        made_at=_now(),
    )
    _write_page(arguments.output, page)
    return exit_code(verdicts)


def dashboard(arguments: argparse.Namespace) -> int:
    """`kata dashboard`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking import asked_in, given_in, prose_stats, with_people
    from grader.classroom.stats import names_in, stats_of
    from grader.present.class_page import class_page

    path = existing_book(arguments.gradebook)
    check_writable(arguments.output)
    with Gradebook(path) as book:
        asked = asked_in(course_of(arguments).katas)
        marks = with_people(book.marks(), given_in(book, asked), asked, book.names())
        people = prose_stats(book, asked)
        found = stats_of(book.verdicts(), names=names_in(marks), people=people)
        missing = book.missing(sorted({mark.kata for mark in marks}))
    _write_page(arguments.output, class_page(found, marks, missing, made_at=_now()))
    return OK


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _write_page(path: str, page: bytes) -> None:
    write(path, page)
    if path != "-":
        print(f"{path}: written, {len(page) / 1000:,.0f} kB. Open it in a browser.")
