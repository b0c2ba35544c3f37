"""The command that grades: check."""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import (
    INTERNAL,
    MAX_SEED,
    NOT_PASSED,
    OK,
    Add,
    add_submission,
    begun,
    check_writable,
    course_of,
    progress,
    seed,
    write,
)
from grader.cli.example import work_examples
from grader.course.progress import Progress
from grader.course.workspace import find_workspace
from grader.data.sets import given_data
from grader.errors import UsageError
from grader.judge.opening import open_grader
from grader.submission.find import find_submissions
from grader.wire.places import DEVICES

if TYPE_CHECKING:
    from grader.present.report import Writer
    from grader.submission.find import SubmissionFile
    from grader.verdict import Verdict

FORMATS = ("text", "json", "gcc", "github", "junit")


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "check",
        check,
        "grade submissions",
        examples=(
            "kata check                         every kata of the workspace",
            "kata check lstm_cell               your answer in the workspace",
            "kata check lstm_cell --example     the task's worked example, on your code",
            "kata check lstm_cell.ipynb         a notebook",
            "kata check lstm --submission DIR   a track, in another folder",
            "kata check q3 --seed 7             on other cases",
            "kata check --json verdict.json     the verdicts for a program",
        ),
    )
    made.add_argument(
        "kata",
        nargs="*",
        metavar="KATA | FILE",
        help=(
            "a kata's name as far as it is unique, a track, a file or a folder (default: the kata "
            "or track whose folder you stand in, else all found)"
        ),
    )
    add_submission(made)
    made.add_argument(
        "--json", metavar="PATH", help="also write the verdicts as JSON; - for standard output"
    )
    made.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help=(
            "what standard output holds: text; json; gcc: a line for each problem, for editors; "
            "github: annotations; junit: XML (the text then goes to standard error)"
        ),
    )
    made.add_argument(
        "--secret-seed",
        type=seed,
        nargs="?",
        const=-1,
        metavar="N",
        help=(
            "grade with a seed that only the instructor's copy shows (drawn at random unless given)"
        ),
    )
    made.add_argument(
        "--instructor-copy",
        metavar="PATH",
        help="where the full verdicts of a secret seed go (JSON)",
    )
    made.add_argument(
        "--svg", type=Path, metavar="FOLDER", help="also draw the figures as SVG files (Matplotlib)"
    )
    made.add_argument(
        "--example",
        action="store_true",
        help="only the worked example of the task: its numbers beside yours, without points",
    )
    made.add_argument(
        "--verbose",
        action="store_true",
        help="show the passed checks, all output and all versions too",
    )
    made.add_argument(
        "--no-training",
        action="store_true",
        help="leave out the checks in which your code trains; the rest takes seconds",
    )
    made.add_argument(
        "--device",
        choices=DEVICES,
        default="cpu",
        help=(
            "after a pass, the same again: meta: without values; cuda: on the GPU; all: on both, "
            "and in low precision; auto: all where there is a GPU; cpu: nowhere else (default)"
        ),
    )
    made.add_argument(
        "--data",
        metavar="PATH",
        help="train and judge on real data: a file, a folder, or a set of `kata data list`",
    )


def check(arguments: argparse.Namespace) -> int:
    """`kata check`."""
    began_s = time.monotonic()
    course = course_of(arguments)
    secret = arguments.secret_seed is not None
    if secret and arguments.instructor_copy is None:
        raise UsageError(
            "a secret seed appears only in the instructor's copy",
            advice="Say where that goes: --instructor-copy PATH.",
        )
    start = Path.cwd()
    real = given_data(arguments.data, find_workspace(start)) if arguments.data else None
    found = find_submissions(course, arguments.kata, arguments.submission, start=start)
    for item in found:
        _ = item.kata.spec  # a broken kata.toml is told before anything is started
    if arguments.example:
        return work_examples(course, found, arguments)
    machine = arguments.format != "text" or arguments.json == "-"
    if arguments.json == "-" and arguments.format not in ("text", "json"):
        raise UsageError(
            f"standard output can hold JSON or {arguments.format}, not both",
            advice="Give --json a file.",
        )
    check_writable(arguments.json, arguments.instructor_copy)
    drawn_from = arguments.seed
    if secret:
        drawn_from = (
            arguments.secret_seed if arguments.secret_seed >= 0 else secrets.randbelow(MAX_SEED)
        )
    opened = open_grader(
        course,
        level=arguments.isolation,
        seed=drawn_from,
        hidden_checks=secret,
        devices=arguments.device,
        training=not arguments.no_training,
        data=real,
    )
    verdicts: list[Verdict] = []
    saved = True
    with begun(opened) as grader:
        from grader.judge.student_copy import student_copy
        from grader.present.picture import write_svg
        from grader.present.report import Writer
        from grader.present.text import console
        from grader.verdict import to_json

        out = console(sys.stderr if machine else sys.stdout)
        writer = Writer(out, verbose=arguments.verbose)
        for number, item in enumerate(found, 1):
            with progress(f"{item.kata.name} ({number} of {len(found)})") as show:
                verdict = grader.grade(item, progress=show, picture=not secret)
            verdicts.append(verdict)
            # Before it is shown: whoever reads may stop listening.
            saved = remember(arguments, [verdict])
            writer.verdict(
                student_copy(verdict) if secret else verdict,
                brief=len(found) > 1,
                took_s=time.monotonic() - began_s if len(found) == 1 else None,
            )
            if arguments.svg and verdict.figures:
                for path in write_svg(verdict.figures, arguments.svg, item.kata.short):
                    writer.line(f"drawn: {path}", style="dim", indent=2)
            if len(found) == 1:
                _show_prose(item, writer)
                if verdict.status == "PASSED" and item.kata.spec.leads_on:
                    writer.said(item.kata.spec.leads_on, style="bold", indent=2)
        writer.summary(verdicts)
    if not saved:
        say_unsaved()
    shown = [student_copy(verdict) for verdict in verdicts] if secret else verdicts
    if arguments.format not in ("text", "json"):
        write("-", _for_programs(arguments.format, found, shown))
    elif arguments.format == "json" and arguments.json != "-":
        write("-", to_json(shown))
    if arguments.json:
        write(arguments.json, to_json(shown))
    if arguments.instructor_copy:
        write(arguments.instructor_copy, to_json(verdicts), private=True)
    return exit_code(verdicts)


def remember(arguments: argparse.Namespace, verdicts: "Sequence[Verdict]") -> bool:
    """Keep verdicts as the learner's progress, if it is a workspace that was graded.

    Returns:
        Whether what was to be kept is kept.
    """
    start = Path.cwd()
    if arguments.submission is not None or find_workspace(start) is None:
        return True
    kept = Progress(start)
    for verdict in verdicts:
        kept.remember(verdict, whole=not arguments.no_training)
    return kept.save()


def say_unsaved() -> None:
    """Say that progress is lost."""
    path = Progress(Path.cwd()).path
    print(f"kata: progress could not be saved in {path}", file=sys.stderr)


def _for_programs(
    form: str, found: "Sequence[SubmissionFile]", verdicts: "Sequence[Verdict]"
) -> bytes:
    """The verdicts in a format for editors and CI services."""
    from grader.present.formats import gcc, github, junit, problems
    from grader.submission.read import read_submission

    # GitHub counts from the repository's root, in whichever folder the step runs.
    root = os.environ.get("GITHUB_WORKSPACE") if form == "github" else None
    base = Path(root) if root else Path.cwd()
    each = []
    for item, verdict in zip(found, verdicts, strict=True):
        read = read_submission(item)
        source = read.source.decode() if read.sha256 == verdict.sha256 else ""
        each.append((verdict, problems(verdict, source, base=base)))
    if form == "junit":
        return junit(each)
    lines = [one for _, some in each for one in some]
    return (gcc(lines) if form == "gcc" else github(lines)).encode("utf-8", "backslashreplace")


def _show_prose(item: "SubmissionFile", writer: "Writer") -> None:
    """Where the free text beside a submission stands, if the kata asks for some."""
    from grader.course.rubric import RUBRIC_FILE, standings_in
    from grader.present.prose import prose_lines

    rubric = item.kata.folder / RUBRIC_FILE
    if rubric.is_file():
        for line in prose_lines(standings_in(item.kata.name, rubric, item.path.parent)):
            writer.line(line, indent=2, style="dim")


def exit_code(verdicts: "Sequence[Verdict]") -> int:
    """0 if every verdict is PASSED, 3 if one is an error of ours, else 1."""
    from grader.verdict import Status

    statuses = {verdict.status for verdict in verdicts}
    if Status.INTERNAL_ERROR in statuses:
        return INTERNAL
    return OK if statuses == {Status.PASSED} else NOT_PASSED
