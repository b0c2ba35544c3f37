"""The command `kata data`: real data for the katas that train."""

import argparse
from pathlib import Path

from grader.cli.common import OK, Add, course_of
from grader.course.catalog import Course
from grader.course.workspace import find_workspace
from grader.errors import UsageError

ACTIONS = ("list", "path", "check")


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "data",
        data,
        "real data for katas that train: what there is, and where",
        examples=(
            "kata data list",
            "kata data path tatoeba             where it is, or is looked for",
            "kata data check tatoeba fra.txt    read a file of it to its end",
        ),
    )
    made.add_argument("action", choices=ACTIONS, metavar="list | path | check")
    made.add_argument("name", nargs="?", metavar="SET", help="one of those that `list` shows")
    made.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a file or folder (default: its place)"
    )


def data(arguments: argparse.Namespace) -> int:
    """`kata data`."""
    from grader.data.sets import SETS, checked, find_set, folders, found, located
    from grader.present.report import Writer
    from grader.present.text import console

    writer = Writer(console())
    workspace = find_workspace(Path.cwd())
    if arguments.action == "list":
        for one in SETS:
            here = found(one, workspace)
            writer.line(f"{one.name}: {one.title}", style="bold")
            writer.line(f"for {', '.join(_katas(course_of(arguments), one.name))}", indent=2)
            writer.line(f"licence: {one.licence}", indent=2)
            writer.line(f"here: {here}" if here else f"to get it: {one.how}", indent=2)
        looked = ", ".join(map(str, folders(workspace)))
        writer.line(
            f"Each is looked for as a folder of its name in {looked}, and in the package that "
            "brings it.",
            style="dim",
        )
        return OK
    if arguments.name is None:
        raise UsageError(
            f"kata data {arguments.action} needs the name of a set", advice="See kata data list."
        )
    one = find_set(arguments.name)
    path = arguments.path or located(one.name, workspace)
    if arguments.action == "path":
        print(path)
        return OK
    count = checked(one.name, path)
    writer.line(f"{path}: {count:,} {one.unit}, all well-formed")
    for kata in _katas(course_of(arguments), one.name):
        writer.line(f"kata check {kata} --data {path}", style="dim")
    return OK


def _katas(course: Course, name: str) -> list[str]:
    """The katas that can train on a set."""
    return [
        kata.name for kata in course.katas if kata.spec.training and name in kata.spec.training.data
    ]
