"""The gradebook loses nothing: killed, held by another, damaged, full, of another version."""

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.classroom import gradebook
from grader.classroom.gradebook import BookError, Gradebook, Recorded
from grader.classroom.grading import digest_of
from grader.classroom.handed import Handed
from grader.classroom.roster import Student
from grader.classroom.schema import SCHEMA
from grader.course.mounts import file_system
from tests.gate import few

KATA, RULES = "lstm/lstm_cell", {"lstm/lstm_cell": "rules 1"}
PASSED = Recorded("PASSED", 13, 13, b'{"status": "PASSED"}')


def handed(student: str, data: bytes = b"x = 1\n", kata: str = KATA) -> tuple[Handed, str]:
    return Handed(student, kata, 1, "lstm_cell.py", f"{student}/a.py", data), digest_of(data)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "class.sqlite"


def test_what_was_written_is_there_again(path: Path) -> None:
    with Gradebook(path) as book:
        book.enrol([Student("alice", "Alice"), Student("nobody")])
        assert book.take([handed("alice"), handed("bob", b"y = 2\n")]) == 2
        assert book.take([handed("alice")]) == 0, "the same bytes are the same attempt"
        [one, other] = book.waiting(KATA, "rules 1")
        assert (one.student, one.data, other.student) == ("alice", b"x = 1\n", "bob")
        book.record(one.handed, "rules 1", PASSED)
        assert [w.student for w in book.waiting(KATA, "rules 1")] == ["bob"]
    with Gradebook(path) as book:
        [first, second] = book.marks(RULES)
        assert (first.name, first.status, first.points) == ("Alice", "PASSED", 13)
        assert second.status == "WAITING"
        assert book.missing([KATA]) == [("nobody", KATA)]
        assert book.verdict("alice", KATA, 1, "rules 1") == PASSED.json
        assert book.sound()
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_who_is_enrolled_under_another_id_is_one(path: Path) -> None:
    """Before anybody hands in, nothing says which of a roster's ids the class uses."""
    with Gradebook(path) as book:
        book.enrol([Student("11", "A"), Student("12", "B"), Student("13", "C")])
        book.take([handed("12")])
        book.enrol([Student("ada", "A"), Student("12", "Bo")], aliases=["11", "12", "13", "ada"])
        assert book.names() == {"ada": "A", "12": "Bo"}
        book.enrol([Student("12")], aliases=["ada", "12"])
        assert book.names() == {"12": "Bo"}, "no name takes none away"
        book.enrol([], aliases=["12"])
        assert book.names() == {"12": "Bo"}, "who has handed in stays"


def test_a_new_file_is_a_new_attempt(path: Path) -> None:
    with Gradebook(path) as book:
        book.take([handed("alice", b"1")])
        book.take([handed("alice", b"2"), handed("alice", b"1")])
        assert [mark.attempt for mark in book.marks()] == [1, 2]


def test_equal_files_share_a_verdict_unless_it_was_our_fault(path: Path) -> None:
    with Gradebook(path) as book:
        book.take([handed(name) for name in ("a", "b", "c")] + [handed("d", b"other")])
        first, *_ = book.waiting(KATA, "rules 1")
        book.record(first.handed, "rules 1", Recorded("INTERNAL_ERROR", 0, 0, b"{}"))
        assert book.copy_known("rules 1") == 0
        [again] = book.with_status(KATA, "rules 1", "INTERNAL_ERROR")
        assert again == first
        book.record(first.handed, "rules 1", PASSED)
        assert book.copy_known("rules 1") == 2
        assert [w.student for w in book.waiting(KATA, "rules 1")] == ["d"]
        assert len(book.waiting(KATA, "rules 2")) == 4, "other rules, other verdicts"


def test_an_attempt_is_given_its_time_later(path: Path) -> None:
    """A folder has no times; the system's own archive has."""
    one, sha256 = handed("ada")
    with Gradebook(path) as book:
        for at in ("", "2026-10-01T22:00:00", "2026-10-09T22:00:00"):
            book.take([(replace(one, at=at), sha256)])
        assert book.file_times() == {("ada", KATA, 1): "2026-10-01T22:00:00"}


def test_the_newest_verdict_counts_where_no_rules_are_named(path: Path) -> None:
    with Gradebook(path) as book:
        book.take([handed("a")])
        [one] = book.waiting(KATA, "rules 1")
        book.record(one.handed, "rules 1", PASSED)
        time.sleep(0.002)
        book.record(one.handed, "rules 2", Recorded("FAILED", 3, 13, b"{}"))
        assert [mark.status for mark in book.marks()] == ["FAILED"]
        assert [mark.status for mark in book.marks(RULES)] == ["PASSED"]


def test_a_class_has_one_seed(path: Path) -> None:
    with Gradebook(path) as book:
        drawn = book.seed(None)
    with Gradebook(path) as book:
        assert book.seed(None) == book.seed(drawn) == drawn
        with pytest.raises(BookError, match="another secret seed"):
            book.seed(drawn ^ 1)


def test_every_verdict_of_an_attempt_stays(path: Path) -> None:
    with Gradebook(path) as book:
        book.take([handed("a"), handed("b")])
        [one, _] = book.waiting(KATA, "rules 1")
        worse = Recorded("FAILED", 3, 13, b"{}")
        for rules, verdict in (("rules 1", PASSED), ("rules 2", worse), ("rules 1", PASSED)):
            assert [w.student for w in book.outdated(KATA, rules)] == (
                ["a"] if book.marks()[0].graded_at and rules != book.history()[-1].rules else []
            )
            book.record(one.handed, rules, verdict)
        assert [(past.rules, past.points) for past in book.history()] == [
            ("rules 1", 13),
            ("rules 2", 3),
            ("rules 1", 13),
        ]
        assert book.marks()[0].points == 13, "the newest counts, also under rules that were before"
        assert [data for *_, data in book.verdicts()] == [PASSED.json]


def test_a_book_of_an_older_version_is_brought_up_to_date(path: Path, monkeypatch) -> None:
    for version in range(1, SCHEMA):
        old = path.with_name(f"{version}.sqlite")
        with monkeypatch.context() as patch:
            patch.setattr(gradebook, "SCHEMA", version)
            Gradebook(old).close()
        with sqlite3.connect(old) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (version,)
            db.execute("INSERT INTO student VALUES (7, 'alice', '')")
            db.execute("INSERT INTO source VALUES ('ab', x'00')")
            db.execute(f"INSERT INTO handed VALUES (5, 7, '{KATA}', 1, 'ab', 'f', 'o', 0, 't')")
            for number, points in ((1, 3), (2, 13)):
                db.execute(
                    "INSERT INTO verdict VALUES (?, 5, ?, 'FAILED', ?, 13, 't', x'7b7d')",
                    (number, f"rules {number}", points),
                )
        db.close()
        with Gradebook(old) as book:
            assert [past.points for past in book.history()] == [3, 13]
            assert book.marks()[0].points == 13
            assert book.sound()
        with sqlite3.connect(old) as db:
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.close()


# -- odd times -------------------------------------------------------------------------------------

WRITES = """
import sys
from pathlib import Path
from grader.classroom.gradebook import Gradebook, Recorded
with Gradebook(Path(sys.argv[1])) as book:
    for one in book.waiting("lstm/lstm_cell", "rules 1"):
        book.record(one.handed, "rules 1", Recorded("PASSED", 13, 13, b"x" * 5000))
        print(one.handed, flush=True)
"""


@pytest.mark.parametrize("kills", few([12, 200], 1))
def test_killed_at_any_moment_it_goes_on(path: Path, kills: int) -> None:
    students = [f"s{n:04}" for n in range(25 * kills)]
    with Gradebook(path) as book:
        book.take([handed(name, name.encode()) for name in students])
    said: set[str] = set()
    rng = random.Random(0)
    for _ in range(kills):
        worker = subprocess.Popen(
            [sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        for _ in range(rng.randrange(1, 25)):
            line = worker.stdout.readline()
            if not line:
                break
            said.add(line.strip())
        time.sleep(rng.random() * 0.004)
        os.kill(worker.pid, signal.SIGKILL)
        rest, _ = worker.communicate()
        said |= {line for line in rest.splitlines()[:-1] if line}
        with Gradebook(path) as book:
            assert book.sound()
            done = {m.student for m in book.marks(RULES) if m.status == "PASSED"}
            assert len(done) >= len(said), "what was said to be written is written"
            assert len(book.history()) == len(done), "nothing is written twice"
    with Gradebook(path) as book:
        waiting = book.waiting(KATA, "rules 1")
        assert len(waiting) == len(students) - len(done)
        assert {w.student for w in waiting}.isdisjoint(done)


def test_a_second_writer_is_told_who_holds_it(path: Path) -> None:
    with Gradebook(path):
        with pytest.raises(BookError, match=f"process {os.getpid()} since"):
            Gradebook(path)
        asked: list[str] = []

        def twice(holder: str) -> bool:
            asked.append(holder)
            return len(asked) < 3

        with pytest.raises(BookError):
            Gradebook(path, wait=twice)
        assert len(asked) == 3
    Gradebook(path).close()


def test_a_link_to_a_book_is_that_book(path: Path, monkeypatch) -> None:
    link = path.parent / "elsewhere" / "link.sqlite"
    link.parent.mkdir()
    link.symlink_to(path)
    with (
        Gradebook(path) as book,
        pytest.raises(BookError, match=rf"link.sqlite is being written by process {os.getpid()}"),
    ):
        Gradebook(link)
    with Gradebook(link) as book:
        book.enrol([Student("ada")])
    with Gradebook(path) as book:
        assert book.names() == {"ada": ""}
    monkeypatch.setattr(
        gradebook, "file_system", lambda folder: "ext4" if folder == link.parent else "nfs4"
    )
    with pytest.raises(BookError, match="network mount"):
        Gradebook(link)


def test_a_file_that_is_no_gradebook(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("not a database, but long enough to be looked at by SQLite\n" * 20)
    with pytest.raises(BookError, match="no gradebook, or is damaged"):
        Gradebook(text)
    assert text.read_text().startswith("not a database")
    assert [one.name for one in tmp_path.iterdir()] == ["text.sqlite"]
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(BookError, match="is an SQLite file, and no gradebook"):
        Gradebook(other)


def test_a_newer_book_is_left_alone(path: Path) -> None:
    Gradebook(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    with pytest.raises(BookError, match="newer version"):
        Gradebook(path)


def test_a_full_disk_is_told_and_the_book_is_whole(path: Path, monkeypatch) -> None:
    with Gradebook(path) as book:
        book.take([handed("alice")])
        (pages,) = book._db.execute("PRAGMA page_count").fetchone()
        book._db.execute(f"PRAGMA max_page_count = {pages}")
        [one] = book.waiting(KATA, "rules 1")
        with pytest.raises(BookError, match="the disk is full"):
            book.record(one.handed, "rules 1", Recorded("PASSED", 1, 1, b"x" * 100_000))
    with Gradebook(path) as book:
        assert book.sound()
        [one] = book.waiting(KATA, "rules 1")
        book.record(one.handed, "rules 1", PASSED)


def test_a_disk_without_room_for_anything_is_told(path: Path, monkeypatch) -> None:
    """Then SQLite speaks of an error of the disk, and who holds the book cannot be said."""

    def none_left(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    room = os.statvfs_result((4096, 4096, 10, 10, 0, 10, 10, 10, 0, 255))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", none_left)
        Gradebook(path).close()
        for found, says in ((room, "the disk is full"), (os.statvfs("/proc"), "the disk is full")):
            patch.setattr(os, "statvfs", lambda _, found=found: found)
            with pytest.raises(BookError, match=says), gradebook._explained(path):
                raise sqlite3.OperationalError("disk I/O error")
        plenty = os.statvfs_result((4096, 4096, 9999, 9999, 9999, 10, 10, 10, 0, 255))
        patch.setattr(os, "statvfs", lambda _: plenty)
        with pytest.raises(BookError, match="disk I/O error"), gradebook._explained(path):
            raise sqlite3.OperationalError("disk I/O error")


def test_a_book_that_cannot_be_written_says_what_to_do(path: Path) -> None:
    with (
        pytest.raises(BookError, match="readonly") as caught,
        gradebook._explained(path),
    ):
        raise sqlite3.OperationalError("attempt to write a readonly database")
    assert caught.value.advice.startswith("Copy the gradebook")


def test_a_network_mount_is_refused(path: Path, monkeypatch) -> None:
    monkeypatch.setattr(gradebook, "file_system", lambda folder: "nfs4")
    with pytest.raises(BookError, match="network mount"):
        Gradebook(path)
    assert not path.exists()


def test_the_file_system_is_that_of_the_longest_mount() -> None:
    assert file_system(Path("/proc")) == "proc"


def test_a_reader_beside_it_disturbs_nothing(path: Path) -> None:
    with Gradebook(path) as book:
        book.take([handed("alice")])
        beside = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        assert beside.execute("SELECT count(*) FROM handed").fetchone() == (1,)
        [one] = book.waiting(KATA, "rules 1")
        book.record(one.handed, "rules 1", PASSED)
        beside.close()


def test_a_page_writes_beside_whoever_grades(path: Path) -> None:
    with Gradebook(path) as grading, Gradebook(path, beside=True) as marking:
        grading.take([handed("alice")])
        marking.enrol([Student("bob")])
        grading.record(grading.waiting(KATA, "rules 1")[0].handed, "rules 1", PASSED)
        assert [mark.status for mark in marking.marks(RULES)] == ["PASSED"]
        assert ("bob", KATA) in grading.missing([KATA])
        with pytest.raises(BookError, match="is being written by process"):
            Gradebook(path, beside=True)
        with pytest.raises(BookError, match="is being written by process"):
            Gradebook(path)


def test_a_page_brings_no_book_up_to_date_beside_another(path: Path) -> None:
    with Gradebook(path) as book:
        book._db.execute(f"PRAGMA user_version = {SCHEMA - 1}")
        with pytest.raises(BookError, match="is being written by process"):
            Gradebook(path, beside=True)
        book._db.execute(f"PRAGMA user_version = {SCHEMA}")
    Gradebook(path, beside=True).close()
