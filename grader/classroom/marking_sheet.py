"""Marks of people as a CSV: a line for each criterion of each answer, filled in anywhere."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from grader.classroom import marking, prose
from grader.classroom.gradebook import Gradebook
from grader.classroom.marking import Asked, Item
from grader.classroom.prose import Answer, Decision, Draft
from grader.classroom.roster import read_rows
from grader.course.rubric import answer_to
from grader.errors import DataError, UsageError
from grader.text import cell

KEYS = ("answer", "criterion", "decision")
FIELDS = ("level", "points", "comment", "marker")
COLUMNS = (
    *("answer", "student", "name", "kata", "criterion", "section", "looks_for", "levels", "text"),
    *FIELDS,
    "decision",
)


def sheet_of(
    items: Sequence[Item], asked: Mapping[str, Asked], decisions: Sequence[Decision]
) -> str:
    """The CSV. No cell is one that a spreadsheet would run.

    Args:
        items: the answers.
        asked: their katas.
        decisions: every decision, the oldest first.
    """
    newest = {(one.student, one.kata, one.criterion): one for one in decisions}
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    for item in items:
        answer, kata = item.answer, asked[item.answer.kata]
        for one in kata.rubric.criterion:
            made = newest.get((answer.student, answer.kata, one.id))
            levels = " | ".join(f"{level.name} = {level.points}" for level in one.levels)
            text = answer_to(one.section, answer.text, kata.template)
            fields = (made.level, _shown(made.points), made.comment, made.marker) if made else ()
            rows.writerow(
                [
                    answer.id,
                    *map(cell, (answer.student, answer.name, answer.kata, one.id, one.section)),
                    *map(cell, (one.looks_for, levels, text)),
                    *map(cell, fields or ("",) * len(FIELDS)),
                    made.id if made else 0,
                ]
            )
    return written.getvalue()


def take_sheet(
    book: Gradebook, asked: Mapping[str, Asked], path: Path, marker: str, now: datetime
) -> int:
    """Take the marks of a CSV that `sheet_of` has written and a person has filled in.

    A line without a level, or that says what the gradebook says, changes nothing.

    Args:
        book: the gradebook.
        asked: the katas with free text.
        path: the CSV.
        marker: who has marked, where the column `marker` is empty.
        now: the moment.

    Returns:
        how many marks are new.

    Raises:
        DataError: it cannot be read, a line does not fit the rubric, or its answer
            was handed in anew or marked by somebody since. Nothing is taken then.
    """
    header, rows = read_rows(path)
    lacking = [name for name in (*KEYS, *FIELDS) if name not in header]
    if lacking:
        raise DataError(
            path,
            f"has no column {', '.join(lacking)}",
            line=1,
            advice="`kata mark --csv-out` writes the file that is filled in.",
        )
    answers = {str(one.id): one for one in prose.answers_in(book) if one.kata in asked}
    current = {(one.student, one.kata, one.criterion): one for one in prose.decisions_in(book)}
    changed: dict[tuple[int, str], tuple[Answer, Draft, str]] = {}
    for line, row in rows:
        given = {name: row[n].strip() for n, name in enumerate(header) if n < len(row)}
        given = {name: _unguarded(given.get(name, "")) for name in (*KEYS, *FIELDS)}
        for name in ("answer", "decision"):  # some programs write whole numbers as 3.0
            given[name] = re.sub(r"[.,]0+$", "", given[name])
        answer = answers.get(given["answer"])
        if answer is None:
            raise DataError(
                path,
                f"the answer {given['answer'][:20]!r} is not there, or was handed in anew",
                line=line,
                advice="Write the file again with --csv-out.",
            )
        before = current.get((answer.student, answer.kata, given["criterion"]))
        try:
            draft = _draft(asked[answer.kata], answer, given, before)
            if draft is None or (before is not None and _same(draft, before)):
                continue
            marking.check(asked[answer.kata], answer, draft, given["marker"] or marker)
            if before is not None and str(before.id) != given["decision"]:
                raise UsageError(
                    f"{before.marker} has marked {answer.student} since this file was written",
                    advice="Write the file again with --csv-out, and look at that mark.",
                )
        except UsageError as error:
            raise DataError(path, error.message, line=line, advice=error.advice) from None
        if (answer.id, draft.criterion) in changed:
            raise DataError(path, f"has {draft.criterion} of this answer twice", line=line)
        changed[answer.id, draft.criterion] = (answer, draft, given["marker"] or marker)
    prose.write_decisions(book, list(changed.values()), now)
    return len(changed)


def _draft(
    asked: Asked, answer: Answer, given: Mapping[str, str], before: Decision | None
) -> Draft | None:
    """What a line says; None if it says nothing."""
    name = given["criterion"]
    if not given["level"]:
        if given["points"] or (given["comment"] and before is None):
            raise UsageError(f"{name} has points or a comment, and no level")
        return None
    criterion = asked.rubric.find(name)
    level = criterion.level(given["level"]) if criterion is not None else None
    points = float(level.points) if level is not None else 0.0
    if given["points"]:
        try:
            points = float(given["points"].replace(",", "."))
        except ValueError:
            points = math.nan
    remarks = before.remarks if before is not None else ()
    fingerprint = marking.fingerprint_of(asked, answer, name)
    return Draft(name, given["level"], points, given["comment"], fingerprint, remarks)


def _same(draft: Draft, before: Decision) -> bool:
    """Whether a line says what the gradebook says, as far as a sheet can tell."""
    said = _unguarded(cell(before.comment)).strip()
    return (draft.level, draft.points, draft.comment, draft.answer) == (
        before.level,
        before.points,
        said,
        before.answer,
    )


def _shown(points: float) -> str:
    """Points so that they are the same when they are read."""
    return f"{points:.0f}" if points == round(points) else repr(points)


def _unguarded(text: str) -> str:
    """A cell as it was before `cell` has put a mark in front of it."""
    return text[1:] if text[:1] == "'" and cell(text[1:]) != text[1:] else text
