"""Filling in the gradebook of nbgrader: a copy of its SQLite file, with the scores of katas in it.

A kata is a graded cell of one of its assignments. A score goes where nbgrader's own autograder puts
one, so that what a person gave there by hand still counts more. Nothing is taken away.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from grader.classroom.fill import Filled
from grader.classroom.matching import Row, matched
from grader.classroom.policy import Grade, KataGrade
from grader.errors import DataError, NotFoundError, UsageError


class FilledBook(Filled, frozen=True):
    """A gradebook with its scores.

    Args:
        by_hand: for each score that changed below one that a person gave: student and cell.
        without_cell: katas that no cell stands for.
    """

    by_hand: tuple[str, ...] = ()
    without_cell: tuple[str, ...] = ()


class _Cell(Struct, frozen=True):
    """A graded cell, and where it stands; ids are nbgrader's."""

    id: str
    name: str
    notebook_id: str
    notebook: str
    assignment_id: str
    assignment: str
    max_score: float

    @property
    def shown(self) -> str:
        return f"{self.assignment}/{self.notebook}/{self.name}"


_CELLS = """
SELECT b.id, b.name, n.id, n.name, a.id, a.name, coalesce(g.max_score, t.max_score)
FROM base_cell b
JOIN notebook n ON n.id = b.notebook_id
JOIN assignment a ON a.id = n.assignment_id
LEFT JOIN grade_cells g ON g.id = b.id
LEFT JOIN task_cells t ON t.id = b.id
WHERE coalesce(g.id, t.id) IS NOT NULL
ORDER BY a.name, n.name, b.name
"""
_STUDENTS = "SELECT id, first_name, last_name, email, lms_user_id FROM student ORDER BY id"


def fill_nbgrader(path: Path, assignment: str | None, given: Sequence[Grade]) -> FilledBook:
    """Fill the scores of katas into a copy of nbgrader's gradebook.

    A kata's cell is the graded cell of its name (`lstm_cell`), else the only one of a notebook or
    of an assignment of that name. A student who has handed in nothing there gets a submission, as
    nbgrader itself makes one. What was not handed in here, or waits for a person, changes nothing.

    Args:
        path: the file, `gradebook.db` in the folder of nbgrader's course. It stays as it is.
        assignment: the one to look in; None for all.
        given: what each student has; scaled to the most that a cell gives.

    Raises:
        NotFoundError, DataError: there is no such file, or it is none of nbgrader's.
        UsageError: no cell stands for any kata, or several stand for one.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        _copy(path, db)
        try:
            db.execute("BEGIN")
            cells, without_cell = _cells_for(
                [_Cell(*row) for row in db.execute(_CELLS)], assignment, _katas_in(given), path
            )
            filled = _fill(db, cells, given)
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise DataError(
                path,
                f"is no gradebook of nbgrader 0.6 or later: {error}",
                advice="`nbgrader db upgrade` brings an older one up to date.",
            ) from None
        changed, by_hand, unmatched, unknown = filled
        return FilledBook(
            db.serialize(),
            changed,
            unknown,
            unmatched,
            by_hand=tuple(by_hand),
            without_cell=tuple(without_cell),
        )


def _copy(path: Path, db: sqlite3.Connection) -> None:
    if not path.is_file():
        raise NotFoundError(f"there is no gradebook {path}")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as theirs:
            theirs.backup(db)
    except sqlite3.Error as error:
        raise DataError(
            path,
            f"cannot be read as an SQLite file: {error}",
            advice="Stop nbgrader, and try anew.",
        ) from None


def _katas_in(given: Iterable[Grade]) -> list[str]:
    return [*dict.fromkeys(part.kata for one in given for part in one.katas)]


def _cells_for(
    cells: Sequence[_Cell], assignment: str | None, katas: Sequence[str], path: Path
) -> tuple[dict[str, _Cell], list[str]]:
    """Each kata's cell, and the katas without any."""
    there = [cell for cell in cells if assignment in (None, cell.assignment)]
    if not there:
        names = ", ".join(dict.fromkeys(cell.assignment for cell in cells))
        raise UsageError(
            f"{path} has no assignment {assignment!r} with a graded cell"
            if assignment is not None
            else f"{path} has no graded cell",
            advice=f"It has: {names[:300]}." if names else "",
        )
    found: dict[str, _Cell] = {}
    for kata in katas:
        fitting = _fitting(there, kata)
        if len(fitting) > 1:
            raise UsageError(
                f"{len(fitting)} cells of {path} may stand for {kata}: "
                f"{', '.join(cell.shown for cell in fitting)[:300]}",
                advice="Name one assignment: --column ASSIGNMENT.",
            )
        if fitting:
            found[kata] = fitting[0]
    if not found:
        raise UsageError(
            f"no graded cell of {path} is called like a kata",
            advice=f"It has: {', '.join(cell.shown for cell in there)[:300]}.",
        )
    return found, [kata for kata in katas if kata not in found]


def _fitting(cells: Sequence[_Cell], kata: str) -> list[_Cell]:
    """The cells that may stand for a kata: those of its name, else those alone in what has it."""
    names = {kata, kata.rpartition("/")[2], kata.replace("/", "_"), kata.replace("/", "-")}
    if own := [cell for cell in cells if cell.name in names]:
        return own
    notebooks = [cell.notebook_id for cell in cells]
    if alone := [
        one for one in cells if one.notebook in names and notebooks.count(one.notebook_id) == 1
    ]:
        return alone
    assignments = [cell.assignment_id for cell in cells]
    return [
        one
        for one in cells
        if one.assignment in names and assignments.count(one.assignment_id) == 1
    ]


def _fill(
    db: sqlite3.Connection, cells: dict[str, _Cell], given: Sequence[Grade]
) -> tuple[int, list[str], tuple[str, ...], tuple[str, ...]]:
    """How many scores changed, those below a person's, and who is unmatched there and here."""
    theirs = {
        student: Row(
            (student, *(other or "" for other in others)),
            " ".join(part for part in (first, last) if part),
        )
        for student, first, last, *others in db.execute(_STUDENTS).fetchall()
    }
    found = matched(given, theirs)
    changed, by_hand = 0, []
    for student in theirs:
        for part in found[student].katas if student in found else ():
            if part.kata not in cells or part.pending or not part.attempt:
                continue
            cell = cells[part.kata]
            was_given = _put(db, cell, student, part)
            changed += was_given is not None
            if was_given:
                by_hand.append(f"{student}, {cell.shown}")
    used = {one.student for one in found.values()}
    unknown = tuple(one.student for one in given if one.student not in used)
    return changed, by_hand, tuple(who for who in theirs if who not in found), unknown


def _put(db: sqlite3.Connection, cell: _Cell, student: str, part: KataGrade) -> bool | None:
    """Write a score.

    Returns:
        None where it stands there already, else whether a person has given one for that cell.
    """
    score = round(part.share * cell.max_score, 2)
    submission = _submission(db, cell.assignment_id, student)
    (notebook,) = db.execute(
        "SELECT id FROM submitted_notebook WHERE assignment_id = ? AND notebook_id = ?",
        (submission, cell.notebook_id),
    ).fetchone() or (_new_notebook(db, submission, cell.notebook_id),)
    row = db.execute(
        "SELECT id, auto_score, manual_score FROM grade WHERE notebook_id = ? AND cell_id = ?",
        (notebook, cell.id),
    ).fetchone()
    grade, before, by_hand = row or (_new_grade(db, notebook, cell.id), None, None)
    if before is not None and abs(before - score) < 0.005:
        return None
    # As nbgrader's own autograder does: a person looks again at what a person has given.
    db.execute(
        "UPDATE grade SET auto_score = ?, needs_manual_grade = ? WHERE id = ?",
        (score, by_hand is not None, grade),
    )
    return by_hand is not None


def _submission(db: sqlite3.Connection, assignment: str, student: str) -> str:
    """A student's submission of an assignment; made, with all that belongs to it, if need be."""
    row = db.execute(
        "SELECT id FROM submitted_assignment WHERE assignment_id = ? AND student_id = ?",
        (assignment, student),
    ).fetchone()
    if row is not None:
        return str(row[0])
    made = _new_id()
    db.execute(
        "INSERT INTO submitted_assignment (id, assignment_id, student_id) VALUES (?, ?, ?)",
        (made, assignment, student),
    )
    for (notebook,) in db.execute(
        "SELECT id FROM notebook WHERE assignment_id = ?", (assignment,)
    ).fetchall():
        _new_notebook(db, made, notebook)
    return made


def _new_notebook(db: sqlite3.Connection, submission: str, notebook: str) -> str:
    """A submitted notebook, with a grade for each graded cell and a comment for each answer."""
    made = _new_id()
    db.execute(
        "INSERT INTO submitted_notebook (id, assignment_id, notebook_id, flagged) "
        "VALUES (?, ?, ?, 0)",
        (made, submission, notebook),
    )
    for kind, graded in (("grade", True), ("solution", False), ("task", True), ("task", False)):
        for (cell,) in db.execute(
            f"SELECT b.id FROM base_cell b JOIN {kind}_cells c ON c.id = b.id "
            "WHERE b.notebook_id = ?",
            (notebook,),
        ).fetchall():
            if graded:
                _new_grade(db, made, cell)
            else:
                db.execute(
                    "INSERT INTO comment (id, notebook_id, cell_id) VALUES (?, ?, ?)",
                    (_new_id(), made, cell),
                )
    return made


def _new_grade(db: sqlite3.Connection, notebook: str, cell: str) -> str:
    made = _new_id()
    db.execute(
        "INSERT INTO grade (id, notebook_id, cell_id, needs_manual_grade) VALUES (?, ?, ?, 1)",
        (made, notebook, cell),
    )
    return made


def _new_id() -> str:
    return uuid.uuid4().hex
