"""Filling in the sheets that Canvas and Moodle export: the cells of marks, and nothing else.

Canvas finds a column by the id in its title and a student by its own id; Moodle's worksheet has
translated headers and ids that only Moodle knows. So a sheet is never written from nothing: the
system's own is copied, and a mark changes one cell.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.classroom.gradebook import Mark
from grader.classroom.matching import Row, matched
from grader.classroom.sheet import SHORTENED, Sheet
from grader.errors import DataError, UsageError
from grader.verdict import share

Take = Literal["best", "last", "first"]
UNMARKED = ("WAITING", "PENDING", "INTERNAL_ERROR")
"""Statuses without a mark yet: no verdict, free text that waits for a person, a fault of ours."""


class Total(Struct, frozen=True):
    """What a student has, over the katas that count."""

    student: str
    name: str
    points: float
    max_points: int


class Filled(Struct, frozen=True):
    """A sheet with its marks.

    Args:
        data: the file's bytes.
        changed: how many cells say something else now.
        unknown: students of the gradebook that the sheet lacks.
        unmatched: rows of the sheet, as they name themselves, that the gradebook has no mark for.
        kept: rows with another mark here, whose cell says that they are to have none by it: why.
    """

    data: bytes
    changed: int
    unknown: tuple[str, ...]
    unmatched: tuple[str, ...]
    kept: tuple[str, ...] = ()


def scaled(mark: Mark, most: int) -> float:
    """A mark's points out of `most`: a kata may have had other points when it was graded."""
    return mark.points * most / mark.max_points if mark.max_points else 0.0


def totals(marks: Sequence[Mark], katas: Sequence[str], take: Take = "best") -> list[Total]:
    """Each student's points over some katas.

    An attempt without a verdict, or whose verdict was our fault, does not count. A student has no
    total while all attempts at a kata are such ones: a mark is never made up, and never blanked.

    Args:
        marks: attempts, see `Gradebook.marks`.
        katas: those that count; what a student has not handed in counts 0 of what others could
            reach in it.
        take: which attempt counts.
    """
    counted = [mark for mark in marks if mark.kata in katas]
    most: dict[str, int] = {}
    for mark in counted:
        if mark.status not in UNMARKED:
            most[mark.kata] = max(most.get(mark.kata, 0), mark.max_points)
    chosen: dict[str, dict[str, float | None]] = {}
    names: dict[str, str] = {}
    for mark in sorted(counted, key=lambda mark: mark.attempt):
        names[mark.student] = names.get(mark.student) or mark.name
        own = chosen.setdefault(mark.student, {})
        before = own.setdefault(mark.kata, None)
        if mark.status in UNMARKED:
            continue
        points = scaled(mark, most[mark.kata])
        if before is None or take == "last" or (take == "best" and points > before):
            own[mark.kata] = points
    found = []
    for student, given in chosen.items():
        points_of = [points for points in given.values() if points is not None]
        if len(points_of) == len(given):
            found.append(Total(student, names[student], sum(points_of), sum(most.values())))
    return found


def fill_canvas(path: Path, column: str, marks: Sequence[Total]) -> Filled:
    """Fill one assignment of a Canvas gradebook.

    Args:
        path: the gradebook that Canvas has exported.
        column: the assignment's title, with or without the id that Canvas puts behind it
            (`LSTM (1234)`), or that id alone.
        marks: the totals; scaled to the points that the row *Points Possible* names, if any.

    Raises:
        DataError: it is no such gradebook.
        UsageError: it has no such assignment, or one that Canvas would not take marks for.
    """
    sheet = Sheet(path)
    header = sheet.row(0)
    ids = [header.index(name) for name in _CANVAS_IDS if name in header]
    names = [n for n, cell in enumerate(header[:2]) if "Student" in cell or cell in _CANVAS_NAMES]
    if not ids or not names:
        raise DataError(
            path,
            "is no gradebook of Canvas: its first line has no `Student` and `ID`",
            line=1,
            advice="In Canvas: Grades, Export, Export Entire Gradebook.",
        )
    at = _assignment(header, column)
    points = None
    rows = {}
    for row in range(1, len(sheet)):
        if "Points Possible" in sheet.cell(row, 0):
            said = sheet.cell(row, at)
            if "read only" in said:
                raise _not_taken(header[at], "is read only")
            points = _number(said) or None
        elif any(sheet.cell(row, place) for place in ids):
            name = " ".join(sheet.cell(row, place) for place in names)
            rows[row] = Row(tuple(sheet.cell(row, place) for place in ids), name)
    return _filled(sheet, at, rows, marks, lambda row: points, lambda row: sheet.cell(row, at))


_CANVAS_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_CANVAS_NAMES = ("LastName", "FirstName")
_CANVAS_STUDENT = ("Student", *_CANVAS_NAMES, *_CANVAS_IDS, "Root Account", "Section")
_CANVAS_WORDS = tuple(
    f"{what} {how}"
    for what in ("Current", "Final", "Override")
    for how in ("Score", "Points", "Grade", "Status")
)
"""A column is no assignment for Canvas if one of these words is in its title."""


def _assignment(header: Sequence[str], wanted: str) -> int:
    """The column of an assignment of Canvas, by its title or its id."""
    last = max(n for n, cell in enumerate(header) if cell in _CANVAS_STUDENT)
    known = {n: " ".join(cell.split()) for n, cell in enumerate(header) if n > last}
    plain = " ".join(wanted.split())
    ids = {n: m for n, title in known.items() if (m := re.search(r"^(.*?) ?\((\d+)\)$", title))}
    for found in (
        [n for n, title in known.items() if title == plain],
        [n for n, match in ids.items() if match[2] == plain],
        [n for n, match in ids.items() if match[1] == plain],
    ):
        if len(found) > 1:
            raise UsageError(
                f"the sheet has {len(found)} columns {wanted!r}",
                advice="Name the id that stands behind the title.",
            )
        if found:
            reserved = [word for word in _CANVAS_WORDS if word in header[found[0]]]
            if reserved:
                raise _not_taken(header[found[0]], f"has the words {reserved[0]!r}")
            return found[0]
    titles = [header[n] for n in ids]
    raise UsageError(
        f"the sheet has no assignment {wanted!r}",
        advice=f"It has: {', '.join(titles)[:300]}." if titles else "",
    )


def _not_taken(title: str, why: str) -> UsageError:
    return UsageError(
        f"Canvas takes no marks for the column {title!r}: it {why}",
        advice="Name the column of an assignment, such as 'LSTM (1234)'.",
    )


def fill_moodle(path: Path, marks: Sequence[Total]) -> Filled:
    """Fill the grades of a Moodle grading worksheet, in whatever language it is.

    Where groups hand in (a column `Group`, in English), each of a group has the group's mark.

    Args:
        path: the worksheet that Moodle has exported ("Download grading worksheet").
        marks: the totals; scaled to the maximum grade of each row.

    Raises:
        DataError: it is no such worksheet.
    """
    sheet = Sheet(path)
    header = sheet.row(0)
    at, most = _moodle_columns(sheet, header)
    named = 0 if "Status" in header[1:2] else 1  # where students are anonymous, there is no name
    open_ = header.index(_MOODLE_OPEN) if _MOODLE_OPEN in header else None
    team = header.index(_MOODLE_TEAM) if _MOODLE_TEAM in header[:at] else None
    teams = {sheet.cell(row, team) for row in range(1, len(sheet))} if team is not None else set()
    # What a group has handed in lies below its name and number, which is nobody's identifier.
    marks = [replace(one, student=one.name) if one.name in teams else one for one in marks]
    rows = {}
    for row in range(1, len(sheet)):
        who = re.search(r"(\d+)$", sheet.cell(row, 0))
        if who is not None:
            own = (who[1], *(sheet.cell(row, column) for column in range(2, at)))
            ids = own if team is None else (sheet.cell(row, team),)
            rows[row] = Row(ids, sheet.cell(row, named))
    if not rows:
        raise DataError(
            path,
            "has no row that begins with an identifier such as `Participant 98765`",
            advice=_MOODLE_ADVICE,
        )
    return _filled(
        sheet,
        at,
        rows,
        marks,
        lambda row: _number(sheet.cell(row, most)),
        lambda row: "locked" if open_ is not None and sheet.cell(row, open_) == "No" else "",
    )


_MOODLE_OPEN = "Grade can be changed"
_MOODLE_TEAM = "Group"
_MOODLE_ADVICE = (
    "In Moodle: the assignment, View all submissions, Download grading worksheet. Its type of "
    "grade must be points: words of a scale are not filled in."
)


def _moodle_columns(sheet: Sheet, header: Sequence[str]) -> tuple[int, int]:
    """The columns of the grade and of the maximum; by name in English, else by what they hold."""
    if "Grade" in header and "Maximum Grade" in header:
        return header.index("Grade"), header.index("Maximum Grade")
    body = range(1, len(sheet))
    for column in range(2, len(header)):
        whole = {sheet.cell(row, column) for row in body}
        numbers = {_number(cell) for cell in whole}
        before = {sheet.cell(row, column - 1) for row in body}
        marks_before = all(cell in ("", "-") or _number(cell) is not None for cell in before)
        if len(whole) == 1 and None not in numbers and marks_before:
            return column - 1, column
    raise DataError(
        sheet.path,
        "is no grading worksheet of Moodle: no column of grades stands before one of their maximum",
        line=1,
        advice=_MOODLE_ADVICE,
    )


def _filled(
    sheet: Sheet,
    at: int,
    rows: Mapping[int, Row],
    marks: Sequence[Total],
    most: Callable[[int], float | None],
    kept: Callable[[int], str],
) -> Filled:
    """Fill a column.

    Args:
        sheet: the sheet.
        at: the column.
        rows: the rows of students.
        marks: the totals.
        most: what a row's mark is scaled to; None leaves points as they are.
        kept: why a row keeps its cell, if that is one of `_KEPT`.

    Raises:
        DataError: a spreadsheet has shortened an id; with the line.
    """
    for number, who in rows.items():
        if short := next((one for one in who.ids if SHORTENED.fullmatch(one)), None):
            raise DataError(
                sheet.path,
                f"has the id {short!r}, a number that a spreadsheet has shortened",
                line=sheet.lines[number],
                advice="Export the sheet anew, and do not open it before it is filled in.",
            )
    found = matched(marks, rows)
    left, changed = [], 0
    for row, mark in found.items():
        why = kept(row)
        value = _shown(mark, most(row))
        before = sheet.cell(row, at)
        if _number(before) == float(value):
            continue
        if why in _KEPT:
            left.append(f"{rows[row].name or rows[row].ids[0]} ({_KEPT[why]})")
        else:
            sheet.put(row, at, value)
            changed += 1
    used = {mark.student for mark in found.values()}
    unknown = tuple(mark.student for mark in marks if mark.student not in used)
    unmatched = tuple(row.name or row.ids[0] for key, row in rows.items() if key not in found)
    return Filled(sheet.encoded(), changed, unknown, unmatched, tuple(left))


_KEPT = {
    "EX": "EX, excused",
    "N/A": "N/A, not assigned",
    "locked": "locked: Moodle takes no grade",
}
"""What says in a sheet that somebody is to have no mark by it."""


def _shown(mark: Total, most: float | None) -> str:
    """A mark as a plain number with at most two decimals, scaled to what the system gives."""
    value = mark.points if most is None else share(mark.points, mark.max_points) * most
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _number(cell: str) -> float | None:
    """A number as a person writes it: 12.5, 12,5 or 1,234.5; None where there is none."""
    plain = re.sub(r"\s", "", cell)
    if not re.fullmatch(r"[-+]?(\d[\d.,]*|[.,]\d+)", plain, re.ASCII):
        return None
    last = max(plain.rfind("."), plain.rfind(","))
    whole, part = (plain[:last], plain[last + 1 :]) if last >= 0 else (plain, "")
    return float(f"{re.sub('[.,]', '', whole)}.{part or 0}")
