"""Commands for the files of a workspace: init, start, reset, diff."""

import argparse
from pathlib import Path

from grader.cli.common import HERE, OK, Add, course_of, kata_of
from grader.course.workspace import (
    create_workspace,
    file_in,
    find_workspace,
    put_stub_back,
    start_from,
)
from grader.errors import UsageError
from grader.submission.find import find_submissions


def add(command: Add) -> None:
    """Add the commands."""
    made = command(
        "init",
        init,
        "make a workspace: a folder with every stub and task",
        examples=("kata init ~/katas", "kata init .    here; what is there stays as it is"),
    )
    made.add_argument("dir", type=Path, metavar="DIR")
    made = command(
        "start",
        start,
        "begin a kata with your own answer to another",
        examples=("kata start peephole_lstm --from lstm_cell",),
    )
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
    made = command(
        "reset",
        reset,
        "put a kata's stub back; your answer is kept beside it",
        examples=("kata reset lstm_cell",),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made = command(
        "diff",
        diff,
        "what you have changed in a kata's stub",
        examples=("kata diff lstm_cell", "kata diff lstm_cell --submission lstm_cell.ipynb"),
    )
    made.add_argument("kata", nargs="?", metavar="KATA", help=HERE)
    made.add_argument(
        "--submission", type=Path, metavar="PATH", help="a .py or .ipynb file, or a folder of them"
    )


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
    workspace = _workspace()
    new = start_from(kata, other, workspace)
    writer = Writer(console())
    file = file_in(workspace, kata)
    writer.line(f"{file} now holds your answer to {other.name}.")
    if new:
        writer.line(f"What {kata.short} asks for and {other.short} does not:")
        for signature in new:
            writer.line(f"  {signature}", style="cyan")
    writer.line(f"Next: kata show {kata.short}", style="dim")
    return OK


def reset(arguments: argparse.Namespace) -> int:
    """`kata reset`."""
    from grader.present.report import Writer
    from grader.present.text import console

    kata = kata_of(arguments)
    workspace = _workspace()
    kept = put_stub_back(kata, workspace)
    writer = Writer(console())
    writer.line(f"{file_in(workspace, kata)} is the stub again.")
    if kept is not None:
        writer.line(f"What was there is kept: {kept}")
    writer.line(f"Next: kata show {kata.short}", style="dim")
    return OK


def diff(arguments: argparse.Namespace) -> int:
    """`kata diff`."""
    from grader.present.course import write_difference
    from grader.present.text import console
    from grader.submission.read import read_submission

    kata = kata_of(arguments)
    course = course_of(arguments)
    [found] = find_submissions(course, [kata.name], arguments.submission, start=Path.cwd())
    read = read_submission(found)
    if read.problem:
        raise UsageError(read.problem)
    write_difference(console(), kata, read.source.decode("utf-8-sig"), str(found.path))
    return OK


def _workspace() -> Path:
    """The workspace that one stands in."""
    workspace = find_workspace(Path.cwd())
    if workspace is None:
        raise UsageError(
            f"{Path.cwd()} lies in no workspace",
            advice="Stand in the folder that `kata init` made, where your answers are.",
        )
    return workspace
