"""A roster: who is in the class. A CSV of whatever system, in whatever encoding."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from grader.classroom.sheet import Sheet
from grader.errors import DataError

IDS = (
    *("id", "student", "student id", "student_id", "username", "user", "login", "identifier"),
    *("sis login id", "sis user id", "github_username", "email", "email address", "e-mail"),
)
LONGEST = 1000
"""Letters of a cell: ids and names go into every table and page."""
NAMES = ("name", "full name", "student name", "display name")


class Student(Struct, frozen=True):
    """Somebody in the class."""

    student: str
    name: str = ""


def read_roster(path: Path) -> list[Student]:
    """The students of a roster, each once, in its order.

    Args:
        path: a CSV with a header. The first column of a known name (`id`, `student`, `username`,
            `email`, ...) holds the ids; commas, semicolons and tabs part columns; UTF-8, UTF-16
            and Windows' encoding are known.

    Raises:
        DataError: it cannot be read, has no column of ids, or a line without one; with the line.
    """
    header, rows = read_rows(path)
    column = column_of(header, IDS, path, "to hold ids")
    name_column = next((header.index(name) for name in NAMES if name in header), None)
    students: dict[str, Student] = {}
    for number, row in rows:
        if (longest := max(map(len, row))) > LONGEST:
            raise DataError(
                path, f"has a cell of {longest:,} letters; at most {LONGEST} are read", line=number
            )
        student = row[column].strip() if column < len(row) else ""
        if not student:
            raise DataError(path, "has no id", line=number)
        if student in students:
            raise DataError(path, f"has {student!r} a second time", line=number)
        named = name_column is not None and name_column < len(row)
        students[student] = Student(student, row[name_column].strip() if named else "")  # type: ignore[index]
    return list(students.values())


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

    Raises:
        DataError: it cannot be read, is no CSV, or is empty.
    """
    sheet = Sheet(path)
    header = [cell.lower() for cell in sheet.row(0)]
    rows = ((sheet.lines[number], sheet.row(number)) for number in range(1, len(sheet)))
    return header, [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
