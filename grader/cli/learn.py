"""Commands for a learner: list, next, show, hint, more, init, start."""

import argparse
import json
from pathlib import Path

from grader.cli.common import OK, Add, count, course_of, kata_of
from grader.course.progress import Progress, next_of
from grader.course.workspace import create_workspace, find_workspace, start_from
from grader.errors import NotFoundError, UsageError

HERE = "its name, as far as it is unique (default: the one whose folder you stand in)"


def add(command: Add) -> None:
    """Add the commands."""
    made = command("list", list_katas, "the katas, in order, with your progress")
    made.add_argument("--json", action="store_true", help="as JSON")
    command("next", next_kata, "the kata to take next")
    made = command("show", show, "a kata's task, or what a track is for")
    made.add_argument("kata", nargs="?", metavar="KATA", help=f"{HERE}, or a track")
    made = command("hint", hint, "the next hint, one at a time")
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument("--number", type=count, metavar="N", help="this hint")
    made = command("more", more, "after a pass: the solution, and other ways to write it")
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument(
        "--give-up", action="store_true", help="show it before a pass; your progress says so"
    )
    made = command("init", init, "make a workspace: a folder with every stub and task")
    made.add_argument("dir", type=Path, metavar="DIR")
    made = command("start", start, "begin a kata with your own answer to another")
    made.add_argument(
        "kata", metavar="KATA", help="the kata to begin, whose file is still the stub"
    )
    made.add_argument(
        "--from",
        dest="other",
        metavar="KATA",
        required=True,
        help="the kata that you have answered",
    )


def list_katas(arguments: argparse.Namespace) -> int:
    """`kata list`."""
    course = course_of(arguments)
    progress = Progress(Path.cwd())
    if arguments.json:
        rows = [
            {
                "kata": kata.name,
                "title": kata.spec.title,
                "difficulty": kata.spec.difficulty,
                "minutes": kata.spec.minutes,
                "after": list(kata.spec.after),
                "status": progress.katas[kata.name].status if kata.name in progress.katas else "",
            }
            for kata in course.katas
        ]
        print(json.dumps({"schema_version": 1, "katas": rows}, indent=2))
        return OK
    from grader.present.course import kata_table
    from grader.present.report import Writer
    from grader.present.text import console

    out = console()
    kata_table(out, course, progress)
    done = sum(progress.of(kata.name).status == "PASSED" for kata in course.katas)
    Writer(out).line(
        f"{done} of {len(course.katas)} passed. `kata next` says which comes next.", style="dim"
    )
    return OK


def next_kata(arguments: argparse.Namespace) -> int:
    """`kata next`."""
    from grader.present.report import Writer
    from grader.present.text import console

    course = course_of(arguments)
    progress = Progress(Path.cwd())
    passed = {name for name, record in progress.katas.items() if record.status == "PASSED"}
    writer = Writer(console())
    kata = next_of(course, passed)
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
        writer.line(
            f"Fill in {workspace / kata.track / kata.short / kata.stub.name}, then: kata "
            f"check {kata.short}"
        )
    return OK


def show(arguments: argparse.Namespace) -> int:
    """`kata show`."""
    from grader.present.course import promises_of, track_page
    from grader.present.text import console, markdown

    if arguments.kata is not None:
        course = course_of(arguments)
        chosen = course.select(arguments.kata)
        if len(chosen) > 1 or f"{chosen[0].track}" == arguments.kata.strip("/"):
            markdown(console(), track_page(course, chosen[0].track))
            return OK
    kata = kata_of(arguments)
    try:
        task = kata.readme.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFoundError(f"{kata.readme} cannot be read: {error.strerror}") from None
    markdown(console(), f"{task.rstrip()}\n\n{promises_of(kata)}")
    return OK


def hint(arguments: argparse.Namespace) -> int:
    """`kata hint`."""
    from grader.present.report import Writer
    from grader.present.text import console

    kata = kata_of(arguments)
    hints = kata.spec.hints
    progress = Progress(Path.cwd())
    record = progress.of(kata.name)
    writer = Writer(console())
    if not hints:
        writer.line(f"{kata.name} has no hints.")
        return OK
    number = arguments.number or min(record.hints + 1, len(hints))
    if not 1 <= number <= len(hints):
        raise UsageError(f"{kata.name} has hints 1 to {len(hints)}, not {number}")
    writer.line(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number < len(hints):
        writer.line("Ask again for the next one.", style="dim")
    else:
        writer.line("That was the last one.", style="dim")
    if number > record.hints:
        record.hints = number
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


def init(arguments: argparse.Namespace) -> int:
    """`kata init`."""
    from grader.present.report import Writer
    from grader.present.text import console

    folder: Path = arguments.dir
    files = list(create_workspace(course_of(arguments), folder))
    new = sum(fresh for _, fresh in files)
    writer = Writer(console())
    writer.line(f"{folder}: {new} files written, {len(files) - new} left as they were.")
    writer.line(f"Next: cd {folder} && kata next", style="dim")
    return OK


def start(arguments: argparse.Namespace) -> int:
    """`kata start`."""
    from grader.present.report import Writer
    from grader.present.text import console

    course = course_of(arguments)
    kata, other = course.find(arguments.kata), course.find(arguments.other)
    workspace = find_workspace(Path.cwd())
    if workspace is None:
        raise UsageError(
            f"{Path.cwd()} lies in no workspace",
            advice="Stand in the folder that `kata init` made, where your answers are.",
        )
    new = start_from(kata, other, workspace)
    writer = Writer(console())
    file = workspace / kata.track / kata.short / kata.stub.name
    writer.line(f"{file} now holds your answer to {other.name}.")
    if new:
        writer.line(f"What {kata.short} asks for and {other.short} does not:")
        for signature in new:
            writer.line(f"  {signature}", style="cyan")
    writer.line(f"Next: kata show {kata.short}", style="dim")
    return OK
