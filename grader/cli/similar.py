"""The command that looks for submissions that are unusually alike: similar."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import (
    OK,
    Add,
    add_book,
    check_writable,
    course_of,
    existing_book,
    write,
)
from grader.errors import UsageError
from grader.text import json_document

if TYPE_CHECKING:
    from grader.classroom.similar import Entry
    from grader.course.kata import Kata


def add(command: Add) -> None:
    """Add the command."""
    made = command(
        "similar",
        similar,
        "submissions that are unusually alike: leads, not verdicts",
        examples=(
            "kata similar --gradebook class.sqlite",
            "kata similar --gradebook class.sqlite --reference last-year/ -o alike.html",
        ),
    )
    add_book(made)
    made.add_argument(
        "--katas", nargs="+", metavar="KATA", help="katas or tracks (default: all handed in)"
    )
    made.add_argument(
        "--reference",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="last year's files or posted solutions; they are not compared with each other",
    )
    made.add_argument("--json", metavar="PATH", help="as JSON; - for standard output")
    made.add_argument("-o", "--output", metavar="FILE.html", help="pairs side by side, as a page")


def similar(arguments: argparse.Namespace) -> int:
    """`kata similar`."""
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.similar import Entry, likeness, source_of
    from grader.present.similar import likeness_page, write_likeness
    from grader.present.text import console

    course = course_of(arguments)
    path = existing_book(arguments.gradebook)
    check_writable(arguments.json, arguments.output)
    chosen = [kata for name in arguments.katas or [] for kata in course.select(name)]
    entries: dict[str, list[Entry]] = {}
    with Gradebook(path) as book:
        handed = set(book.katas())
        katas = [kata for kata in chosen or course.katas if kata.name in handed]
        for kata in katas:
            entries[kata.name] = [
                Entry(who, file, data, book.latest_verdict(who, kata.name))
                for who, file, data in book.latest_files(kata.name)
            ]
    for place in arguments.reference:
        for name, entry in _references(place, [kata.name for kata in katas]):
            entries[name].append(entry)
    found = [
        likeness(kata.name, entries[kata.name], kata.stub.read_text("utf-8"), _answers(kata))
        for kata in katas
    ]
    if arguments.json:
        document = {"schema_version": 1, "katas": found}
        write(arguments.json, json_document(document))
    if arguments.output:
        sources = {(kata, one.who): source_of(one) for kata in entries for one in entries[kata]}
        made_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        write(arguments.output, likeness_page(found, sources, made_at=made_at))
    if not arguments.json and not arguments.output:
        write_likeness(console(), found)
    return OK


def _answers(kata: "Kata") -> dict[str, str]:
    """The sources of the course's own answers, by what they are called."""
    named = {f"the alternative {path.stem}": path for path in kata.alternatives}
    every = {"the solution": kata.solution, **named}
    return {name: path.read_text("utf-8") for name, path in every.items()}


def _references(place: Path, katas: Sequence[str]) -> "list[tuple[str, Entry]]":
    """The files of a folder or an archive that are named after a kata, each with the kata."""
    from grader.classroom.handed import kata_of_file
    from grader.classroom.layouts import saved_name
    from grader.classroom.members import Member, members_of
    from grader.classroom.similar import Entry

    found = []
    for member in members_of(place):
        if isinstance(member, Member):
            kata = kata_of_file(member.parts[-1], katas)
            if kata is not None:
                where = "/".join((place.name, *member.parts))
                file = saved_name(member.parts[-1])
                found.append((kata, Entry(where, file, member.data, reference=True)))
    if not found:
        raise UsageError(
            f"no file in {place} is named after a kata that was handed in",
            advice="References are files like lstm_cell.py, in any folders.",
        )
    return found
