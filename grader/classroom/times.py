"""When something was handed in, and who may hand in later: CSVs, with zones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from pathlib import Path

from grader.classroom.matching import fold
from grader.classroom.policy import HandedAt, instant
from grader.classroom.roster import IDS, column_of, plain, read_rows
from grader.errors import DataError, UsageError

TIMES = ("time", "submitted_at", "submitted", "submission_time", "timestamp", "handed_in")
UNTIL = ("until", "due", "extended_until")


def read_times(path: Path, katas: Sequence[str], zone: tzinfo | None) -> HandedAt:
    """When attempts were handed in.

    Args:
        path: a CSV with the columns `student` and `time`, and if you like `kata` and `attempt`;
            an empty cell there stands for all of them.
        katas: names that the column `kata` may hold, in full or without their track.
        zone: of times that name none.

    Raises:
        DataError: it cannot be read, or a line is not what it should be.
    """
    found: dict[tuple[str, str, int], datetime] = {}
    for line, row in _rows(path, TIMES):
        attempt = row.get("attempt", "")
        if attempt and not (attempt.isdecimal() and len(attempt) < 10):
            raise DataError(path, f"has the attempt {attempt[:20]!r}, no number", line=line)
        kata = _kata(row.get("kata", ""), katas, path, line)
        key = (row["student"], kata, int(attempt or 0))
        if key in found:
            raise DataError(path, "has this student, kata and attempt a second time", line=line)
        found[key] = moment(row["time"], zone, path, line)

    spelt = _Spelt(student for student, _, _ in found)

    def handed_at(student: str, kata: str, attempt: int) -> datetime:
        one = spelt.of(student)
        for key in ((one, kata, attempt), (one, kata, 0), (one, "", attempt), (one, "", 0)):
            if key in found:
                return found[key]
        raise UsageError(
            f"{path} does not say when {student} handed in attempt {attempt} at {kata}",
            advice=f"Add a line: student {student}, kata {kata}, attempt {attempt}, and a time "
            "like 2026-10-01T22:15:00+02:00.",
        )

    return handed_at


class Extensions:
    """Until when single students may hand in. Called with a student and a kata, it says so."""

    def __init__(self, found: Mapping[tuple[str, str], datetime]) -> None:
        self._found = found
        self._spelt = _Spelt(student for student, _ in found)

    def __call__(self, student: str, kata: str) -> datetime | None:
        """Until when a student may hand in a kata; None where nothing is said."""
        one = self._spelt.of(student)
        return self._found.get((one, kata)) or self._found.get((one, ""))

    def strangers(self, students: Iterable[str]) -> list[str]:
        """Whom none of some students is: a name that is misspelt extends nothing."""
        there = {self._spelt.of(student) for student in students}
        return sorted({student for student, _ in self._found} - there)


def read_extensions(path: Path, katas: Sequence[str], zone: tzinfo | None) -> Extensions:
    """Until when single students may hand in.

    Args:
        path: a CSV with the columns `student` and `until`, and if you like `kata`.
        katas: see `read_times`.
        zone: see `read_times`.

    Raises:
        DataError: it cannot be read, or a line is not what it should be.
    """
    found: dict[tuple[str, str], datetime] = {}
    for line, row in _rows(path, UNTIL):
        key = row["student"], _kata(row.get("kata", ""), katas, path, line)
        if key in found:
            raise DataError(path, "has this student and kata a second time", line=line)
        found[key] = moment(row["time"], zone, path, line)
    return Extensions(found)


class _Spelt:
    """How a file writes students' ids, which others may write otherwise."""

    def __init__(self, students: Iterable[str]) -> None:
        self._known = set(students)
        self._alike: dict[str, set[str]] = {}
        for student in self._known:
            self._alike.setdefault(fold(student), set()).add(student)

    def of(self, student: str) -> str:
        """A student's id as the file writes it."""
        alike: Collection[str] = self._alike.get(fold(student), ())
        return next(iter(alike)) if len(alike) == 1 and student not in self._known else student


def archive_times(found: Mapping[tuple[str, str, int], str], zone: tzinfo | None) -> HandedAt:
    """When attempts were handed in, as far as the class' archive says: the times of its files.

    Args:
        found: see `Gradebook.file_times`.
        zone: of times that name none.
    """

    def handed_at(student: str, kata: str, attempt: int) -> datetime:
        text = found.get((student, kata, attempt))
        if text is None:
            return no_times(student, kata, attempt)
        at = datetime.fromisoformat(text)
        if at.tzinfo is None and zone is None:
            raise UsageError(
                "the class' archive names times without a zone",
                advice='Write zone = "Europe/Berlin" into the policy, or times = "times.csv".',
            )
        return instant(at if at.tzinfo is not None else at.replace(tzinfo=zone))

    return handed_at


def no_times(student: str, kata: str, attempt: int) -> datetime:
    """Stand in for times that nobody has given.

    Raises:
        UsageError: always; it says what to write.
    """
    raise UsageError(
        "the policy has due times, and does not say when anything was handed in",
        advice='Write times = "times.csv" into it: a CSV with student, kata, attempt and time.',
    )


def moment(text: str, zone: tzinfo | None, path: Path, line: int) -> datetime:
    """A time in ISO 8601, in UTC; `UTC` and `Z` are zones too.

    Raises:
        DataError: it is none, a day without a time, or there is no zone.
    """
    said = text.strip()
    if said.upper().endswith("UTC"):
        said = f"{said[:-3].rstrip()}+00:00"
    with suppress(ValueError):
        day = date.fromisoformat(said)
        raise DataError(
            path,
            f"has the day {text[:40]!r} and no time of day",
            line=line,
            advice=f"Write the time too: {day.isoformat()}T23:59 is its end.",
        )
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise DataError(
            path,
            f"has the time {text[:40]!r}",
            line=line,
            advice="Write it like 2026-10-01T22:15:00+02:00.",
        ) from None
    if at.tzinfo is not None:
        return instant(at)
    if zone is None:
        raise DataError(
            path,
            f"has the time {text[:40]!r} without a zone",
            line=line,
            advice=f'Write {at.isoformat()}+02:00, or zone = "Europe/Berlin" in the policy.',
        )
    return instant(at.replace(tzinfo=zone))


def _rows(path: Path, times: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Each line as cells by column; the student's and the time's have one name whatever theirs."""
    header, rows = read_rows(path)
    columns: dict[str, int] = {
        name: header.index(name) for name in ("kata", "attempt") if name in header
    }
    for name, known in (("student", IDS), ("time", times)):
        columns[name] = column_of(header, known, path, "for this")
    found = []
    for line, row in rows:
        cells = {name: plain(row[at]) if at < len(row) else "" for name, at in columns.items()}
        if not cells["student"] or not cells["time"]:
            raise DataError(path, "has no student, or no time", line=line)
        found.append((line, cells))
    return found


def _kata(name: str, katas: Sequence[str], path: Path, line: int) -> str:
    if not name:
        return ""
    alike = [kata for kata in katas if name in (kata, kata.rpartition("/")[2])]
    if len(alike) != 1:
        raise DataError(path, f"names {name[:80]!r}, which is no kata", line=line)
    return alike[0]
