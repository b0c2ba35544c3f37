"""A roster: who is in the class. A CSV of whatever system, in whatever encoding."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct

from grader.classroom.matching import fold
from grader.classroom.sheet import SHORTENED, Sheet
from grader.errors import DataError

IDS = (
    *("id", "student", "student id", "student_id", "student number", "username", "user", "login"),
    *("identifier", "sis login id", "sis user id", "integration id", "github_username", "netid"),
    *("id number", "idnumber", "sid", "orgdefinedid", "email", "email address", "e-mail"),
)
LONGEST = 1000
"""Letters of a cell: ids and names go into every table and page."""
NAMES = ("name", "full name", "student name", "display name", "student")
_FIRST = ("first name", "first_name", "firstname", "given name")
_LAST = ("last name", "last_name", "lastname", "surname", "family name")
_AS_TEXT = re.compile(r'\A="(.*)"\Z', re.DOTALL)
_OF_MOODLE = re.compile(r"\D+(\d+)")
_NO_STUDENTS = ("", "muted", "manual posting")


class Student(Struct, frozen=True):
    """Somebody in the class."""

    student: str
    name: str = ""


class Roster:
    """The students of a CSV with a header; Canvas' and Moodle's own sheets are some too.

    Args:
        path: commas, semicolons and tabs part columns; UTF-8, UTF-16 and Windows' encoding are
            known.

    Raises:
        DataError: it cannot be read, or has a cell that is far too long; with the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header, rows = read_rows(path)
        # Beside a column of ids, Canvas calls that of the names `Student`.
        known = [name for name in IDS if name != "student" or "id" not in self._header]
        self._kinds = [self._header.index(name) for name in known if name in self._header]
        self._rows = [(line, row) for line, row in rows if _is_student(row)]
        for line, row in self._rows:
            if (longest := max(map(len, row))) > LONGEST:
                raise DataError(
                    path,
                    f"has a cell of {longest:,} letters; at most {LONGEST} are read",
                    line=line,
                )
        self._named = bool(self._kinds)
        if not self._named:
            self._kinds = [one for one in range(len(self._header)) if self._tells_apart(one)]

    @property
    def known(self) -> set[str]:
        """Every id in it, of whatever kind."""
        said = {self._id(row, kind) for _, row in self._rows for kind in self._kinds}
        return said - {""}

    def students(self, found: Collection[str] = ()) -> list[Student]:
        """The students, each once, in the roster's order.

        Several columns may hold ids, of which the class uses one: the one that says most of those
        who were found. Who has no id in it has the first other one. Where no title is known, as in
        another language, a column holds ids if it says who was found.

        Args:
            found: ids of students who have handed something in.

        Raises:
            DataError: no column holds ids, a line has no id or one that somebody else has, or
                a spreadsheet has shortened it; with the line.
        """
        wanted = {fold(one) for one in found}
        alike = {
            kind: sum(fold(self._id(row, kind)) in wanted for _, row in self._rows)
            for kind in self._kinds
        }
        if not self._named and not any(alike.values()):
            column_of(self._header, IDS, self.path, "to hold ids")  # says which are
        kinds = sorted(self._kinds, key=lambda kind: -alike[kind])
        kinds = kinds if self._named else kinds[:1]
        students: dict[str, Student] = {}
        for line, row in self._rows:
            student = next((said for kind in kinds if (said := self._id(row, kind))), "")
            if not student:
                raise DataError(self.path, "has no id", line=line)
            if SHORTENED.fullmatch(student):
                raise DataError(
                    self.path,
                    f"has the id {student!r}, a number that a spreadsheet has shortened",
                    line=line,
                    advice="Export the roster anew, or have the column written as text.",
                )
            one = Student(student, self._name(row, kinds[0]))
            if students.setdefault(student, one) != one:  # in two sections, somebody is there twice
                raise DataError(
                    self.path,
                    f"has {student!r} a second time, as {one.name!r} and "
                    f"{students[student].name!r}",
                    line=line,
                )
        return list(students.values())

    def _tells_apart(self, kind: int) -> bool:
        """Whether no two lines say the same in a column."""
        said = [one for _, row in self._rows if (one := self._id(row, kind))]
        return len(set(said)) == len(said)

    def _id(self, row: Sequence[str], kind: int) -> str:
        said = plain(_cell(row, kind))
        moodle = self._header[kind] == "identifier" and "maximum grade" in self._header
        number = _OF_MOODLE.fullmatch(said) if moodle else None
        return number[1] if number else said

    def _name(self, row: Sequence[str], kind: int) -> str:
        for name in NAMES:
            if name in self._header and (at := self._header.index(name)) != kind:
                return plain(_cell(row, at))
        parts = (
            next((_cell(row, self._header.index(one)) for one in names if one in self._header), "")
            for names in (_FIRST, _LAST)
        )
        return plain(" ".join(parts))


def read_roster(path: Path, found: Collection[str] = ()) -> list[Student]:
    """The students of a roster; see `Roster` and `Roster.students`."""
    return Roster(path).students(found)


def _is_student(row: Sequence[str]) -> bool:
    """Whether a line is about a student: Canvas writes some that are not."""
    return (
        "Points Possible" not in row[0]
        and row[0].strip() != "Student, Test"
        and not all(cell.strip().lower() in _NO_STUDENTS for cell in row)
    )


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def plain(text: str) -> str:
    """A cell as it is kept: normalised, and without what stands at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def column_of(header: Sequence[str], names: Sequence[str], path: Path, what_for: str) -> int:
    """Where the first column of a known name is.

    Raises:
        DataError: there is none; it says which names are known.
    """
    column = next((header.index(name) for name in names if name in header), None)
    if column is None:
        raise DataError(
            path,
            f"has the columns {', '.join(header)[:200]}; none of them is known {what_for}",
            line=1,
            advice=f"Call it one of: {', '.join(names)}.",
        )
    return column


def read_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """A CSV's header in small letters, and each line that holds something, with its number.

    What a spreadsheet was to keep as text, `="0012"`, is that text.

    Raises:
        DataError: it cannot be read, is no CSV, or is empty.
    """
    sheet = Sheet(path)
    header = [" ".join(cell.lower().split()) for cell in sheet.row(0)]
    rows = ((sheet.lines[number], sheet.row(number)) for number in range(1, len(sheet)))
    return header, [
        (line, [_AS_TEXT.sub(r"\1", cell) for cell in row])
        for line, row in rows
        if any(cell.strip() for cell in row)
    ]
