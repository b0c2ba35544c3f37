"""Commands for a learner: list, next, show, hint, more."""

import argparse
import json
from pathlib import Path

from grader.cli.common import HERE, OK, Add, count, course_of, kata_of
from grader.course.progress import Progress, next_of
from grader.course.workspace import file_in, find_workspace
from grader.errors import UsageError


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "list",
        list_katas,
        "the katas, in order, with your progress",
        examples=("kata list --todo", "kata list --track gru"),
    )
    made.add_argument("--json", action="store_true", help="as JSON")
    made.add_argument("--track", metavar="TRACK", help="this track alone")
    made.add_argument("--todo", action="store_true", help="what is not passed yet")
    command("next", next_kata, "the kata to take next")
    made = command(
        "show",
        show,
        "a kata's task, or what a track is for",
        examples=("kata show lstm_cell", "kata show gru"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=f"{HERE}, or a track")
    made = command(
        "hint",
        hint,
        "the next hint, one at a time",
        examples=("kata hint lstm_cell", "kata hint lstm_cell --number 1    the first one again"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument("--number", type=count, metavar="N", help="this hint")
    made = command(
        "more",
        more,
        "after a pass: the solution, and other ways to write it",
        examples=("kata more lstm_cell", "kata more lstm_cell --give-up    before a pass"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument(
        "--give-up", action="store_true", help="show it before a pass; your progress says so"
    )


def list_katas(arguments: argparse.Namespace) -> int:
    """`kata list`."""
    course = course_of(arguments)
    progress = Progress(Path.cwd())
    katas = course.of_track(arguments.track) if arguments.track is not None else course.katas
    done = progress.passed
    passed, of = sum(kata.name in done for kata in katas), len(katas)
    if arguments.todo:
        katas = tuple(kata for kata in katas if kata.name not in done)
    if arguments.json:
        rows = [
            {
                "kata": kata.name,
                "title": kata.spec.title,
                "difficulty": kata.spec.difficulty,
                "minutes": kata.spec.minutes,
                "after": list(kata.spec.after),
                "status": progress.of(kata.name).status,
            }
            for kata in katas
        ]
        print(json.dumps({"schema_version": 1, "katas": rows}, indent=2))
        return OK
    from grader.present.course import kata_table
    from grader.present.report import Writer
    from grader.present.text import console

    out = console()
    kata_table(out, course, katas, progress)
    Writer(out).line(f"{passed} of {of} passed. `kata next` says which comes next.", style="dim")
    return OK


def next_kata(arguments: argparse.Namespace) -> int:
    """`kata next`."""
    from grader.present.report import Writer
    from grader.present.text import console

    course = course_of(arguments)
    writer = Writer(console())
    kata = next_of(course, Progress(Path.cwd()).passed)
    if kata is None:
        writer.line("Every kata is passed.")
        return OK
    writer.line(f"{kata.name}: {kata.spec.title}", style="bold")
    writer.line(f"level {kata.spec.difficulty} of 5, about {kata.spec.minutes} minutes")
    writer.line(f"kata show {kata.name}", style="cyan")
    workspace = find_workspace(Path.cwd())
    if workspace is None:
        writer.line("`kata init DIR` makes a folder with all the stubs to fill in.", style="dim")
    else:
        writer.line(f"Fill in {file_in(workspace, kata)}, then: kata check {kata.short}")
    return OK


def show(arguments: argparse.Namespace) -> int:
    """`kata show`."""
    from grader.present.course import task_page, track_page
    from grader.present.markdown import markdown
    from grader.present.text import console

    if arguments.kata is not None:
        course = course_of(arguments)
        chosen = course.select(arguments.kata)
        if len(chosen) > 1 or f"{chosen[0].track}" == arguments.kata.strip("/"):
            markdown(console(), track_page(course, chosen[0].track))
            return OK
    kata = kata_of(arguments)
    markdown(console(), task_page(kata))
    return OK


def hint(arguments: argparse.Namespace) -> int:
    """`kata hint`."""
    from grader.present.report import Writer
    from grader.present.text import console

    kata = kata_of(arguments)
    progress = Progress(Path.cwd())
    given = progress.give_hint(kata, arguments.number)
    writer = Writer(console())
    if given is None:
        writer.line(f"{kata.name} has no hints.")
        return OK
    writer.said(given.said)
    writer.line(given.then, style="dim")
    progress.save()
    return OK


def more(arguments: argparse.Namespace) -> int:
    """`kata more`."""
    from grader.present.course import ways_of
    from grader.present.text import console

    kata = kata_of(arguments)
    progress = Progress(Path.cwd())
    record = progress.of(kata.name)
    if record.status != "PASSED" and not (arguments.give_up or record.gave_up):
        raise UsageError(
            f"{kata.name} is not passed yet",
            advice=f"kata hint {kata.short} helps on; kata more {kata.short} --give-up shows it.",
        )
    if record.status != "PASSED" and not record.gave_up:
        record.gave_up = True
        progress.save()
    ways_of(console(), kata)
    return OK
