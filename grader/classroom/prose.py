"""Free text in the gradebook: what was handed in, who decided what about it, and remarks.

Every decision stays; the newest one about a criterion counts. A remark is written once and reaches
everybody whose answer it is given to, or who has the misconception that it is about. What these
records mean for a mark is in `grader.classroom.marking`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from grader.classroom.gradebook import Gradebook, enter_student
from grader.classroom.handed import Prose

_SLACK = timedelta(minutes=1)
"""Clocks are set by less than this all the time."""


class Answer(Struct, frozen=True):
    """The newest free text of one student for one kata.

    `id` is that of the text: another text of the same student has another one.
    """

    id: int
    student_id: int
    student: str
    name: str
    kata: str
    text: str


class Remark(Struct, frozen=True):
    """A comment that is written once for many: about a criterion, or about a misconception."""

    id: int
    kata: str
    criterion: str
    misconception: str
    text: str
    marker: str


class Decision(Struct, frozen=True):
    """What one person decided about one criterion of one student.

    `answer` is the fingerprint of the text that was read; `remarks` are the ids of those that were
    given to it.
    """

    id: int
    student: str
    kata: str
    criterion: str
    level: str
    points: float
    comment: str
    marker: str
    answer: str
    marked_at: str
    remarks: tuple[int, ...] = ()


class Draft(Struct, frozen=True):
    """A decision that is about to be written."""

    criterion: str
    level: str
    points: float
    comment: str
    answer: str
    remarks: tuple[int, ...] = ()


def at(moment: datetime) -> str:
    """A moment as the gradebook keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def take_prose(book: Gradebook, found: Iterable[Prose]) -> int:
    """Take free texts in; one that is there already stays as it is.

    Returns:
        how many are new.
    """
    new = 0
    now = at(datetime.now(UTC))
    with book.transaction() as db:
        for one in found:
            enter_student(db, one.student, one.name)
            sha256 = hashlib.sha256(one.text.encode()).hexdigest()
            new += db.execute(
                "INSERT OR IGNORE INTO prose (student_id, kata, sha256, text, origin, taken_at) "
                "SELECT id, ?, ?, ?, ?, ? FROM student WHERE student = ?",
                (one.kata, sha256, one.text, one.origin, now, one.student),
            ).rowcount
    return new


def answers_in(book: Gradebook) -> list[Answer]:
    """The newest text of each student for each kata, by kata and student."""
    rows = book.select(
        "SELECT p.id, p.student_id, s.student, s.name, p.kata, p.text FROM prose p JOIN student s "
        "ON s.id = p.student_id WHERE p.id = (SELECT max(n.id) FROM prose n WHERE n.student_id = "
        "p.student_id AND n.kata = p.kata) ORDER BY p.kata, s.student"
    )
    return [Answer(*row) for row in rows]


def whose_in(book: Gradebook, number: int) -> tuple[int, str] | None:
    """The student's number and the kata of a text, also of an older one."""
    rows = book.select("SELECT student_id, kata FROM prose WHERE id = ?", number)
    return (int(rows[0][0]), str(rows[0][1])) if rows else None


def decisions_in(book: Gradebook) -> list[Decision]:
    """Every decision, the oldest first."""
    given: dict[int, list[int]] = {}
    for decision, remark in book.select("SELECT decision_id, remark_id FROM decision_remark"):
        given.setdefault(decision, []).append(remark)
    rows = book.select(
        "SELECT d.id, s.student, d.kata, d.criterion, d.level, d.points, d.comment, d.marker, "
        "d.answer, d.marked_at FROM decision d JOIN student s ON s.id = d.student_id ORDER BY d.id"
    )
    return [replace(Decision(*row), remarks=tuple(sorted(given.get(row[0], ())))) for row in rows]


def write_decisions(
    book: Gradebook, drafts: Sequence[tuple[Answer, Draft, str]], now: datetime
) -> None:
    """Write decisions, each with its answer and its marker: all of them or none."""
    with book.transaction() as db:
        for answer, one, marker in drafts:
            made = db.execute(
                "INSERT INTO decision (student_id, kata, criterion, level, points, comment, "
                "marker, answer, marked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (answer.student_id, answer.kata, one.criterion, one.level, one.points,
                 one.comment, marker, one.answer, at(now)),
            ).lastrowid  # fmt: skip
            db.executemany(
                "INSERT INTO decision_remark VALUES (?, ?)",
                [(made, remark) for remark in dict.fromkeys(one.remarks)],
            )
            db.execute(
                "DELETE FROM claim WHERE student_id = ? AND kata = ?",
                (answer.student_id, answer.kata),
            )


def claims_in(book: Gradebook, now: datetime, until: datetime) -> dict[tuple[int, str], str]:
    """Who reads which answer at the moment, by the student's number and kata.

    A claim that ends well after `until` was made before the clock was set back, and says nothing.
    """
    rows = book.select(
        "SELECT student_id, kata, marker FROM claim WHERE until > ? AND until <= ?",
        at(now),
        at(until + _SLACK),
    )
    return {(student, kata): marker for student, kata, marker in rows}


def claim(book: Gradebook, answer: Answer, marker: str, now: datetime, until: datetime) -> str:
    """Say that a marker reads an answer, unless somebody else does.

    Returns:
        who reads it now.
    """
    with book.transaction() as db:
        db.execute("DELETE FROM claim WHERE until <= ? OR until > ?", (at(now), at(until + _SLACK)))
        db.execute(
            "INSERT INTO claim VALUES (?, ?, ?, ?) ON CONFLICT (student_id, kata) DO UPDATE SET "
            "until = excluded.until WHERE marker = excluded.marker",
            (answer.student_id, answer.kata, marker, at(until)),
        )
        (holder,) = db.execute(
            "SELECT marker FROM claim WHERE student_id = ? AND kata = ?",
            (answer.student_id, answer.kata),
        ).fetchone()
    return str(holder)


def release(book: Gradebook, answer: Answer, marker: str) -> None:
    """Let others read an answer that a marker has left."""
    with book.transaction() as db:
        db.execute(
            "DELETE FROM claim WHERE student_id = ? AND kata = ? AND marker = ?",
            (answer.student_id, answer.kata, marker),
        )


def remarks_in(book: Gradebook) -> list[Remark]:
    """Every remark, the oldest first."""
    rows = book.select(
        "SELECT id, kata, criterion, misconception, text, marker FROM remark ORDER BY id"
    )
    return [Remark(*row) for row in rows]


def add_remark(
    book: Gradebook, kata: str, criterion: str, text: str, marker: str, now: datetime
) -> int:
    """Add a remark about a criterion; returns its id. One that says the same is not doubled."""
    with book.transaction() as db:
        row = db.execute(
            "SELECT id FROM remark WHERE kata = ? AND criterion = ? AND text = ?",
            (kata, criterion, text),
        ).fetchone()
        if row is not None:
            return int(row[0])
        made = db.execute(
            "INSERT INTO remark (kata, criterion, text, marker, written_at) VALUES (?, ?, ?, ?, ?)",
            (kata, criterion, text, marker, at(now)),
        )
        return int(made.lastrowid or 0)


def change_remark(book: Gradebook, remark: int, text: str, marker: str, now: datetime) -> None:
    """Say something else to everybody who has a remark."""
    with book.transaction() as db:
        db.execute(
            "UPDATE remark SET text = ?, marker = ?, written_at = ? WHERE id = ?",
            (text, marker, at(now), remark),
        )


def remark_on_misconception(
    book: Gradebook, kata: str, misconception: str, text: str, marker: str, now: datetime
) -> None:
    """Say something to everybody who has a misconception; an empty text takes it back."""
    with book.transaction() as db:
        if not text:
            db.execute(
                "DELETE FROM remark WHERE kata = ? AND misconception = ?", (kata, misconception)
            )
            return
        db.execute(
            "INSERT INTO remark (kata, misconception, text, marker, written_at) VALUES "
            "(?, ?, ?, ?, ?) ON CONFLICT (kata, misconception) WHERE misconception <> '' DO UPDATE "
            "SET text = excluded.text, marker = excluded.marker, written_at = excluded.written_at",
            (kata, misconception, text, marker, at(now)),
        )
