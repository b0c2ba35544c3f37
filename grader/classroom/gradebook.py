"""The gradebook: one SQLite file that holds every attempt and every verdict, and loses none.

A verdict is written in one transaction when it exists, so that a process that is killed at any
moment leaves a book that goes on where it stopped. There is one writer at a time. Whatever is
computed from marks (which attempt counts, lateness, weights) is computed when marks are read.
"""

import contextlib
import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.classroom.handed import Handed
from grader.classroom.roster import Student
from grader.classroom.schema import APPLICATION, MIGRATIONS, SCHEMA
from grader.course.mounts import NETWORKS, file_system
from grader.errors import KataError, UsageError


class BookError(KataError):
    """The gradebook cannot be used: what is wrong with it, and what to do."""

    exit_code = 2


class Waiting(Struct, frozen=True):
    """An attempt that has no verdict yet."""

    handed: int
    student: str
    kata: str
    attempt: int
    file: str
    data: bytes


class Mark(Struct, frozen=True):
    """One attempt and its verdict, if it has one.

    `status` is `WAITING` without a verdict. `points` are whole but where people have given some.
    """

    student: str
    name: str
    kata: str
    attempt: int
    file: str
    late: bool
    status: str
    points: float
    max_points: int
    graded_at: str


class Past(Struct, frozen=True):
    """One verdict that an attempt has, or had.

    `rules` says under what it was graded, see `grader.classroom.grading.rules_of`.
    """

    student: str
    kata: str
    attempt: int
    rules: str
    status: str
    points: int
    max_points: int
    graded_at: str


def enter_student(db: sqlite3.Connection, student: str, name: str) -> None:
    """Take a student in; a name that is known already stays, unless it was empty."""
    db.execute(
        "INSERT INTO student (student, name) VALUES (?, ?) ON CONFLICT (student) DO UPDATE "
        "SET name = excluded.name WHERE student.name = ''",
        (student, name),
    )


class Gradebook:
    """One book, open for one writer.

    Args:
        path: the SQLite file; it is made if it is not there.
        wait: called with who holds the book, while another process does; returns False to give up.
        beside: open it beside whoever holds it, to write now and then. One process at a time does
            so; each of its transactions is a whole, whatever the others write.

    Raises:
        BookError: it lies on a network mount, is no gradebook, is of a newer version, or is held.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait: Callable[[str], bool] = lambda _: False,
        beside: bool = False,
    ) -> None:
        self.path = path
        self._beside = beside
        _refuse_networks(path)
        _refuse_others(path)
        if beside and _version(path) < SCHEMA:
            Gradebook(path, wait=wait).close()  # brings it up to date, which nobody else may see
        self._lock = _lock(path, "-marking" if beside else "-lock", wait)
        try:
            self._db = self._open()
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Let the next writer in."""
        self._db.close()
        os.close(self._lock)

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- opening -----------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        fresh = not self.path.exists()
        if fresh:  # nobody but its owner reads it: it holds the class' seed
            with _explained(self.path):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with _explained(self.path):
            db = sqlite3.connect(self.path, timeout=10.0, isolation_level=None)
            try:
                self._prepare(db, fresh)
                self._file = _identity(self.path)
            except BaseException:
                db.close()
                raise
        return db

    def _prepare(self, db: sqlite3.Connection, fresh: bool) -> None:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        application = int(db.execute("PRAGMA application_id").fetchone()[0])
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not fresh and tables and application != APPLICATION:
            raise BookError(f"{self.path} is an SQLite file, and no gradebook")
        if version > SCHEMA:
            raise BookError(
                f"{self.path} was written by a newer version (schema {version}, this one knows "
                f"{SCHEMA})",
                advice="Update tensor-katas.",
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        for step in range(version, SCHEMA):
            script = MIGRATIONS[step]
            db.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION}; "
                f"PRAGMA user_version = {step + 1}; COMMIT;"
            )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or nothing.

        Raises:
            BookError: it cannot be written, or another file or none lies at its place by now:
                SQLite would go on to write into the one that is gone.
        """
        with _explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                if _identity(self.path) != self._file:
                    raise BookError(
                        f"{self.path} was removed or replaced while it was in use; what was to be "
                        "written now is not kept",
                        advice="Put the file back if you have moved it, and run the same command "
                        "again.",
                    )
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            if self._beside:
                # Whoever marks may copy, move or replace the file on an afternoon: it is whole
                # by itself, and has nothing in a log beside it.
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # -- writing -----------------------------------------------------------------------------------

    def enrol(self, students: Sequence[Student], aliases: Collection[str] = ()) -> None:
        """Take students in; a name that is given here counts more than one that was known.

        Args:
            students: each once.
            aliases: other ids of theirs. A student with one of them of whom nothing was handed in
                is one of these students, and is left out from now on.
        """
        with self.transaction() as db:
            for one in students:
                enter_student(db, one.student, one.name)
                db.execute(
                    "UPDATE student SET name = ? WHERE student = ? AND ? <> ''",
                    (one.name, one.student, one.name),
                )
            db.executemany(
                "DELETE FROM student WHERE student = ? AND NOT EXISTS (SELECT 1 FROM handed h "
                "WHERE h.student_id = student.id) AND NOT EXISTS (SELECT 1 FROM prose p WHERE "
                "p.student_id = student.id)",
                [(one,) for one in sorted(set(aliases) - {one.student for one in students})],
            )

    def take(self, handed: Sequence[tuple[Handed, str]]) -> int:
        """Take attempts in, each with its SHA-256; those that are there already stay as they are.

        One of them that has no time of its file yet is given it.

        Returns:
            how many are new.
        """
        new = 0
        with self.transaction() as db:
            for one, sha256 in handed:
                enter_student(db, one.student, one.name)
                (student,) = db.execute(
                    "SELECT id FROM student WHERE student = ?", (one.student,)
                ).fetchone()
                db.execute("INSERT OR IGNORE INTO source VALUES (?, ?)", (sha256, one.data))
                (last,) = db.execute(
                    "SELECT coalesce(max(attempt), 0) FROM handed WHERE student_id = ? AND "
                    "kata = ?",
                    (student, one.kata),
                ).fetchone()
                db.execute(  # what is there already may have come without a time
                    "UPDATE handed SET changed_at = ? WHERE student_id = ? AND kata = ? AND "
                    "sha256 = ? AND changed_at = ''",
                    (one.at, student, one.kata, sha256),
                )
                new += db.execute(
                    "INSERT OR IGNORE INTO handed (student_id, kata, attempt, sha256, file, "
                    "origin, late, taken_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (student, one.kata, last + 1, sha256, one.file, one.origin, one.late, _now(),
                     one.at),
                ).rowcount  # fmt: skip
        return new

    def record(self, handed: int, rules: str, verdict: "Recorded") -> None:
        """Write a verdict, in one transaction; those that the attempt had before stay."""
        self.record_all([(handed, rules, verdict)])

    def record_all(self, verdicts: Sequence[tuple[int, str, "Recorded"]]) -> None:
        """Write verdicts, each with its attempt and its rules: all of them or none."""
        now = _now()
        with self.transaction() as db:
            db.executemany(
                "INSERT INTO verdict (handed_id, rules, status, points, max_points, graded_at, "
                "verdict) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (handed, rules, one.status, one.points, one.max_points, now, one.json)
                    for handed, rules, one in verdicts
                ],
            )

    def copy_known(self, rules: str) -> int:
        """Give attempts the verdict that the same bytes have already, for the same kata and rules.

        Returns:
            how many were given one. Verdicts of ours that failed (INTERNAL_ERROR) are not copied.
        """
        with self.transaction() as db:
            return db.execute(
                "INSERT INTO verdict (handed_id, rules, status, points, max_points, graded_at, "
                "verdict) SELECT h.id, v.rules, v.status, v.points, v.max_points, v.graded_at, "
                "v.verdict FROM handed h JOIN handed o ON o.sha256 = h.sha256 AND o.kata = h.kata "
                "JOIN verdict v ON v.handed_id = o.id AND v.rules = ? WHERE "
                "v.status <> 'INTERNAL_ERROR' AND NOT EXISTS (SELECT 1 FROM verdict m WHERE "
                "m.handed_id = h.id AND m.rules = v.rules) GROUP BY h.id",
                (rules,),
            ).rowcount

    def with_status(self, kata: str, rules: str, status: str) -> list[Waiting]:
        """The attempts at a kata whose newest verdict under these rules has a status."""
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT h.id, s.student, h.kata, h.attempt, h.file, c.data FROM handed h JOIN "
                "student s ON s.id = h.student_id JOIN source c ON c.sha256 = h.sha256 WHERE "
                "h.kata = ? AND (SELECT v.status FROM verdict v WHERE v.handed_id = h.id AND "
                "v.rules = ? ORDER BY v.id DESC LIMIT 1) = ? ORDER BY s.student, h.attempt",
                (kata, rules, status),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def seed(self, given: int | None) -> int:
        """The class' secret seed: drawn once, or given once, and kept.

        Raises:
            BookError: another one is given than the book has.
        """
        with self.transaction() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'secret_seed'").fetchone()
            if row is None:
                value = secrets.randbelow(2**63) if given is None else given
                db.execute("INSERT INTO meta VALUES ('secret_seed', ?)", (str(value),))
                return value
        if given is not None and int(row[0]) != given:
            raise BookError(
                f"{self.path} has another secret seed already",
                advice="Leave the number out; one class is graded with one seed.",
            )
        return int(row[0])

    # -- reading -----------------------------------------------------------------------------------

    def select(self, query: str, *values: object) -> list[Any]:
        """What a query finds, for the modules beside this one."""
        with _explained(self.path):
            return self._db.execute(query, values).fetchall()

    def kept_seed(self) -> int | None:
        """The class' secret seed; None if it is graded without one."""
        with _explained(self.path):
            row = self._db.execute("SELECT value FROM meta WHERE key = 'secret_seed'").fetchone()
        return int(row[0]) if row else None

    def katas(self) -> list[str]:
        """The katas that something was handed in for."""
        with _explained(self.path):
            rows = self._db.execute("SELECT DISTINCT kata FROM handed ORDER BY kata").fetchall()
        return [row[0] for row in rows]

    def outdated(self, kata: str, rules: str) -> list[Waiting]:
        """The attempts at a kata whose newest verdict was made under other rules, by student."""
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT h.id, s.student, h.kata, h.attempt, h.file, c.data FROM handed h JOIN "
                "student s ON s.id = h.student_id JOIN source c ON c.sha256 = h.sha256 WHERE "
                "h.kata = ? AND (SELECT v.rules FROM verdict v WHERE v.handed_id = h.id ORDER BY "
                "v.id DESC LIMIT 1) <> ? ORDER BY s.student, h.attempt",
                (kata, rules),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def rules_before(self, kata: str, rules: str) -> list[str]:
        """The rules of the newest verdicts on attempts at a kata that have none under these."""
        found = self.select(
            "SELECT DISTINCT v.rules FROM verdict v JOIN handed h ON h.id = v.handed_id WHERE "
            "h.kata = ? AND v.id = (SELECT max(n.id) FROM verdict n WHERE n.handed_id = h.id) AND "
            "NOT EXISTS (SELECT 1 FROM verdict m WHERE m.handed_id = h.id AND m.rules = ?) "
            "ORDER BY v.rules",
            kata,
            rules,
        )
        return [str(row[0]) for row in found]

    def history(self) -> list[Past]:
        """Every verdict of every attempt, the oldest first."""
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT s.student, h.kata, h.attempt, v.rules, v.status, v.points, v.max_points, "
                "v.graded_at FROM verdict v JOIN handed h ON h.id = v.handed_id JOIN student s ON "
                "s.id = h.student_id ORDER BY s.student, h.kata, h.attempt, v.id"
            ).fetchall()
        return [Past(*row) for row in rows]

    def waiting(self, kata: str, rules: str) -> list[Waiting]:
        """The attempts at a kata that have no verdict under these rules, by student."""
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT h.id, s.student, h.kata, h.attempt, h.file, c.data FROM handed h JOIN "
                "student s ON s.id = h.student_id JOIN source c ON c.sha256 = h.sha256 WHERE "
                "h.kata = ? AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.handed_id = h.id AND "
                "v.rules = ?) ORDER BY s.student, h.attempt",
                (kata, rules),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def marks(self, rules: Mapping[str, str] | None = None) -> list[Mark]:
        """Every attempt with its verdict, by student, kata and attempt.

        Args:
            rules: for each kata the rules whose verdicts count; None takes each attempt's newest.
        """
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT h.id, s.student, s.name, h.kata, h.attempt, h.file, h.late FROM handed h "
                "JOIN student s ON s.id = h.student_id ORDER BY s.student, h.kata, h.attempt"
            ).fetchall()
            found: dict[int, dict[str, tuple[Any, ...]]] = {}
            newest: dict[int, tuple[Any, ...]] = {}
            for handed, under, *rest in self._db.execute(
                "SELECT handed_id, rules, status, points, max_points, graded_at FROM verdict "
                "ORDER BY id"
            ):
                found.setdefault(handed, {})[under] = newest[handed] = tuple(rest)
        marks = []
        for number, student, name, kata, attempt, file, late in rows:
            given = found.get(number, {})
            chosen = newest.get(number) if rules is None else given.get(rules.get(kata, ""))
            status, points, most, graded_at = chosen or ("WAITING", 0, 0, "")
            marks.append(
                Mark(
                    student, name, kata, attempt, file, bool(late), status, points, most, graded_at
                )
            )
        return marks

    def missing(self, katas: Sequence[str]) -> list[tuple[str, str]]:
        """Student and kata, for each student who has handed in nothing for it."""
        with _explained(self.path):
            known = {tuple(row) for row in self._db.execute(
                "SELECT s.student, h.kata FROM handed h JOIN student s ON s.id = h.student_id "
                "UNION SELECT s.student, p.kata FROM prose p JOIN student s ON s.id = p.student_id"
            )}  # fmt: skip
            students = [row[0] for row in self._db.execute(
                "SELECT student FROM student ORDER BY student"
            )]  # fmt: skip
        return [(one, kata) for one in students for kata in katas if (one, kata) not in known]

    def names(self) -> dict[str, str]:
        """Each student's name; empty where it is not known."""
        return dict(self.select("SELECT student, name FROM student"))

    def verdict(self, student: str, kata: str, attempt: int, rules: str) -> bytes | None:
        """A verdict as JSON, or None."""
        with _explained(self.path):
            row = self._db.execute(
                "SELECT v.verdict FROM verdict v JOIN handed h ON h.id = v.handed_id JOIN student "
                "s ON s.id = h.student_id WHERE s.student = ? AND h.kata = ? AND h.attempt = ? AND "
                "v.rules = ? ORDER BY v.id DESC LIMIT 1",
                (student, kata, attempt, rules),
            ).fetchone()
        return bytes(row[0]) if row else None

    def latest_files(self, kata: str) -> list[tuple[str, str, bytes]]:
        """Student, file name and bytes of each student's latest attempt at a kata, by student."""
        rows = self.select(
            "SELECT s.student, h.file, c.data FROM handed h JOIN student s ON s.id = h.student_id "
            "JOIN source c ON c.sha256 = h.sha256 WHERE h.kata = ? AND h.attempt = (SELECT "
            "max(n.attempt) FROM handed n WHERE n.student_id = h.student_id AND n.kata = h.kata) "
            "ORDER BY s.student",
            kata,
        )
        return [(who, file, bytes(data)) for who, file, data in rows]

    def file_times(self) -> dict[tuple[str, str, int], str]:
        """When files were last changed, as the class' archive says; by student, kata and attempt.

        Times are ISO 8601, without a zone where the archive names none.
        """
        rows = self.select(
            "SELECT s.student, h.kata, h.attempt, h.changed_at FROM handed h JOIN student s ON "
            "s.id = h.student_id WHERE h.changed_at <> ''"
        )
        return {(who, kata, attempt): at for who, kata, attempt, at in rows}

    def latest_verdict(self, student: str, kata: str) -> bytes | None:
        """The newest verdict (JSON) of a student's latest attempt that has one, or None."""
        rows = self.select(
            "SELECT v.verdict FROM verdict v JOIN handed h ON h.id = v.handed_id JOIN student s ON "
            "s.id = h.student_id WHERE s.student = ? AND h.kata = ? ORDER BY h.attempt DESC, "
            "v.id DESC LIMIT 1",
            student,
            kata,
        )
        return bytes(rows[0][0]) if rows else None

    def verdicts(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Student, kata, attempt and newest verdict (JSON) of each attempt that has one."""
        with _explained(self.path):
            rows = self._db.execute(
                "SELECT s.student, h.kata, h.attempt, v.verdict FROM verdict v JOIN handed h ON "
                "h.id = v.handed_id JOIN student s ON s.id = h.student_id WHERE v.id = (SELECT "
                "n.id FROM verdict n WHERE n.handed_id = h.id ORDER BY n.id DESC LIMIT 1) "
                " ORDER BY s.student, h.kata, h.attempt"
            )
            yield from ((who, kata, attempt, bytes(data)) for who, kata, attempt, data in rows)

    def sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the file."""
        with _explained(self.path):
            return bool(self._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


class Recorded(Struct, frozen=True):
    """What is kept of a verdict: what is asked of it often, and the whole of it as JSON."""

    status: str
    points: int
    max_points: int
    json: bytes


def students_in(path: Path) -> set[str]:
    """Ids of a gradebook's students; see `_glimpse`."""
    return {str(row[0]) for row in _glimpse(path, "SELECT student FROM student")}


def has_secret_seed(path: Path) -> bool:
    """Whether a gradebook's class has a secret seed; see `_glimpse`."""
    return bool(_glimpse(path, "SELECT 1 FROM meta WHERE key = 'secret_seed'"))


def _glimpse(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a gradebook; nothing in one that is not there, or cannot be read.

    Nothing is written, and nobody who writes is waited for.
    """
    if not path.is_file():  # SQLite waits at a pipe for somebody who writes
        return []
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        ) as db:
            return db.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _refuse_networks(path: Path) -> None:
    kind = file_system(Path(os.path.realpath(path)).parent)
    if kind in NETWORKS:
        raise BookError(
            f"{path} lies on a network mount ({kind}), where SQLite can lose what it wrote",
            advice="Keep the gradebook on a disk of this machine, and copy it when it is closed.",
        )


def _refuse_others(path: Path) -> None:
    """Leave a file that is no database alone, before one for its lock is made beside it."""
    with _explained(path):
        if path.exists():
            with path.open("rb") as file:
                begin = file.read(len(_BEGIN))
            if begin not in (b"", _BEGIN):
                raise sqlite3.DatabaseError("file is not a database")


_BEGIN = b"SQLite format 3\0"


def _identity(path: Path) -> tuple[int, int]:
    """Which file lies at a path; nothing like any file's where there is none."""
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_dev, status.st_ino


def _version(path: Path) -> int:
    """The version of a book's schema; 0 for one that is not there."""
    with _explained(path):
        if not path.exists():
            return 0
        with contextlib.closing(sqlite3.connect(path, timeout=10.0)) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])


def _lock(path: Path, suffix: str, wait: Callable[[str], bool]) -> int:
    """Hold the book for one writer: a lock that ends with its process, however it ends."""
    book = Path(os.path.realpath(path))  # a link to a book and the book itself have one lock
    lock = book.with_name(book.name + suffix)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BookError(f"{path} cannot be written: {error.strerror}", advice=_COPY) from None
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
                if not wait(holder or "another process"):
                    raise BookError(
                        f"{path} is being written by {holder or 'another process'}",
                        advice="Wait until it is done, or stop it.",
                    ) from None
        with contextlib.suppress(OSError):  # who holds it is said where there is room for it
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} since {_now()}\n".encode(), 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors, in words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "full" in said or ("disk I/O" in said and _is_full(path)):
            raise BookError(
                f"{path}: the disk is full; what was written before is safe",
                advice="Make room, and run the same command again.",
            ) from None
        if "locked" in said or "busy" in said:
            raise BookError(
                f"{path} is in use by another program", advice="Close it there, and run this again."
            ) from None
        raise BookError(
            f"{path} cannot be used: {said}", advice=_COPY if "readonly" in said else ""
        ) from None
    except sqlite3.DatabaseError as error:
        raise BookError(
            f"{path} is no gradebook, or is damaged: {error}",
            advice="Take the last copy of it, or another name for a new one.",
        ) from None
    except OSError as error:
        raise BookError(f"{path} cannot be written: {error.strerror}") from None


_COPY = "Copy the gradebook to a folder in which you may write, and use the copy."


def _is_full(path: Path) -> bool:
    """Whether there is no room for a log beside a book; SQLite calls it an error of the disk."""
    try:
        found = os.statvfs(path.absolute().parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < 1 << 20


def checked_name(path: Path) -> Path:
    """A gradebook's path.

    Raises:
        UsageError: it is a folder or no regular file, or its folder is not there.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", advice="Name a file: --gradebook class.sqlite")
    if path.exists() and not path.is_file():  # to open a FIFO waits for whoever writes into it
        raise UsageError(f"{path} is no file", advice="Name a file: --gradebook class.sqlite")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.absolute().parent}")
    return path
