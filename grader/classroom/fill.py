"""Filling in the sheets that Canvas and Moodle export: the cells of marks, and nothing else.

Canvas finds a column by the id in its title and a student by its own id; Moodle's worksheet has
translated headers and ids that only Moodle knows. So a sheet is never written from nothing: the
system's own is copied, and a mark changes one cell.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from msgspec import Struct

from grader.classroom.gradebook import Mark
from grader.classroom.sheet import Sheet
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
    """

    data: bytes
    changed: int
    unknown: tuple[str, ...]
    unmatched: tuple[str, ...]


class Named(Protocol):
    """What is said of a student of the gradebook."""

    @property
    def student(self) -> str:
        """Their id."""

    @property
    def name(self) -> str:
        """Their name; empty where it is not known."""


One = TypeVar("One", bound=Named)


class Known(Generic[One]):
    """Students of the gradebook, to be found by what another system calls them."""

    def __init__(self, students: Iterable[One]) -> None:
        self._by_id: dict[str, One] = {}
        self._by_name: dict[str, list[One]] = {}
        for one in students:
            self._by_id[one.student.casefold()] = one
            if one.name:
                self._by_name.setdefault(_name(one.name), []).append(one)

    def find(self, ids: Iterable[str], name: str) -> One | None:
        """Who has one of these ids, else who alone has that name."""
        for one in ids:
            if (found := self._by_id.get(one.casefold())) is not None:
                return found
        alike = self._by_name.get(_name(name), [])
        return alike[0] if len(alike) == 1 else None


def totals(marks: Sequence[Mark], katas: Sequence[str], take: Take = "best") -> list[Total]:
    """Each student's points over some katas.

    An attempt without a verdict, or whose verdict was our fault, does not count. A student without
    any verdict has no total: a mark is never made up, and never blanked.

    Args:
        marks: attempts, see `Gradebook.marks`.
        katas: those that count; what a student has not handed in counts 0 of what others could
            reach in it.
        take: which attempt counts.
    """
    chosen: dict[tuple[str, str], Mark] = {}
    most: dict[str, int] = {}
    names: dict[str, str] = {}
    for mark in sorted(marks, key=lambda mark: mark.attempt):
        if mark.kata not in katas or mark.status in UNMARKED:
            continue
        most[mark.kata] = max(most.get(mark.kata, 0), mark.max_points)
        names[mark.student] = names.get(mark.student) or mark.name
        before = chosen.get((mark.student, mark.kata))
        better = before is None or (
            take == "last" or (take == "best" and mark.points > before.points)
        )
        if better:
            chosen[mark.student, mark.kata] = mark
    students = dict.fromkeys(student for student, _ in chosen)
    whole = sum(most.values())
    return [
        Total(
            student,
            names[student],
            sum(mark.points for (who, _), mark in chosen.items() if who == student),
            whole,
        )
        for student in students
    ]


def fill_canvas(path: Path, column: str, marks: Sequence[Total]) -> Filled:
    """Fill one assignment of a Canvas gradebook.

    Args:
        path: the gradebook that Canvas has exported.
        column: the assignment's title as in the header, `LSTM (1234)`, or its id alone.
        marks: the totals; scaled to the points that the row *Points Possible* names.

    Raises:
        DataError: it is no such gradebook.
        UsageError: it has no such column.
    """
    sheet = Sheet(path)
    header = sheet.row(0)
    ids = [header.index(name) for name in _CANVAS_IDS if name in header]
    if not ids or not any("Student" in cell for cell in header[:2]):
        raise DataError(
            path,
            "is no gradebook of Canvas: its first line has no `Student` and `ID`",
            line=1,
            advice="In Canvas: Grades, Export, Export Entire Gradebook.",
        )
    at = _column(header, column, r"\((\d+)\)$")
    points = None
    rows = {}
    for row in range(1, len(sheet)):
        first = sheet.cell(row, 0)
        if "Points Possible" in first:
            points = _number(sheet.cell(row, at))
        elif any(sheet.cell(row, place) for place in ids):
            rows[row] = ([sheet.cell(row, place) for place in ids], first)
    return _filled(sheet, at, rows, marks, lambda row: points)


_CANVAS_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")


def fill_moodle(path: Path, marks: Sequence[Total]) -> Filled:
    """Fill the grades of a Moodle grading worksheet, in whatever language it is.

    Args:
        path: the worksheet that Moodle has exported ("Download grading worksheet").
        marks: the totals; scaled to the maximum grade of each row.

    Raises:
        DataError: it is no such worksheet.
    """
    sheet = Sheet(path)
    header = sheet.row(0)
    at, most = _moodle_columns(sheet, header)
    rows = {}
    for row in range(1, len(sheet)):
        who = re.search(r"(\d+)$", sheet.cell(row, 0))
        if who is not None:
            others = [cell for cell in sheet.row(row)[1:4] if "@" in cell]
            rows[row] = ([who[1], *others], sheet.cell(row, 1))
    return _filled(sheet, at, rows, marks, lambda row: _number(sheet.cell(row, most)))


def _moodle_columns(sheet: Sheet, header: Sequence[str]) -> tuple[int, int]:
    """The columns of the grade and of the maximum; by name in English, else by what they hold."""
    if "Grade" in header and "Maximum Grade" in header:
        return header.index("Grade"), header.index("Maximum Grade")
    body = range(1, len(sheet))
    for column in range(2, len(header)):
        whole = {sheet.cell(row, column) for row in body}
        numbers = {_number(cell) for cell in whole}
        before = {sheet.cell(row, column - 1) for row in body}
        marks_before = all(not cell or _number(cell) is not None for cell in before)
        if len(whole) == 1 and None not in numbers and marks_before:
            return column - 1, column
    raise DataError(
        sheet.path,
        "is no grading worksheet of Moodle: no column of grades stands before one of their maximum",
        line=1,
        advice="In Moodle: the assignment, View all submissions, Download grading worksheet.",
    )


def _filled(
    sheet: Sheet,
    at: int,
    rows: Mapping[int, tuple[Sequence[str], str]],
    marks: Sequence[Total],
    most: Callable[[int], float | None],
) -> Filled:
    ours = Known(marks)
    used: set[str] = set()
    unmatched = []
    changed = 0
    for row, (ids, name) in rows.items():
        found = ours.find(ids, name)
        if found is None:
            unmatched.append(name or ids[0])
            continue
        used.add(found.student)
        value = _shown(found, most(row))
        before = sheet.cell(row, at)
        if before != value and _number(before) != _number(value):
            sheet.put(row, at, value)
            changed += 1
    unknown = tuple(mark.student for mark in marks if mark.student not in used)
    return Filled(sheet.encoded(), changed, unknown, tuple(unmatched))


def _shown(mark: Total, most: float | None) -> str:
    """A mark as a plain number with at most two decimals, scaled to what the system gives."""
    value = mark.points if most is None else share(mark.points, mark.max_points) * most
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _column(header: Sequence[str], wanted: str, number: str) -> int:
    """The column of a title, or of the id in it."""
    if wanted in header:
        return header.index(wanted)
    found = [
        n for n, cell in enumerate(header) if (m := re.search(number, cell)) and m[1] == wanted
    ]
    if len(found) == 1:
        return found[0]
    titles = [cell for cell in header if re.search(number, cell)]
    raise UsageError(
        f"the sheet has no column {wanted!r}",
        advice=f"It has: {', '.join(titles)[:300]}." if titles else "",
    )


def _number(cell: str) -> float | None:
    """A number as a person writes it: 12.5, 12,5 or 1,234.5."""
    plain = cell.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    last = max(plain.rfind("."), plain.rfind(","))
    whole, part = (plain[:last], plain[last + 1 :]) if last >= 0 else (plain, "")
    try:
        return float(f"{re.sub('[.,]', '', whole)}.{part or 0}")
    except ValueError:
        return None


def _name(name: str) -> str:
    """A name whatever its order: `Wonder, Alice` and `Alice Wonder` are one."""
    return " ".join(sorted(re.findall(r"\w+", name.casefold())))
