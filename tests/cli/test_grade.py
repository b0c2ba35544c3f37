"""`kata grade` and `kata export`: a small class, from its files to its marks."""

import csv
import io
import json
import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.judge.grader import Grader
from grader.present.classroom import harmless

KATA = built_in_course().find("lstm/lstm_cell")
RIGHT = KATA.solution.read_bytes()
NBGRADER = Path(__file__).parents[1] / "classroom/nbgrader.sql"
WRONG = RIGHT.replace(b"f * c + i * g", b"f * c + 0.7 * i * g")


@pytest.fixture
def class_of_four(command, grader: Grader, monkeypatch) -> Path:
    """Its submissions; grading happens in this process, by the tests' own grader."""
    monkeypatch.setattr("grader.classroom.grading.lent_grader", lambda _: nullcontext(grader))
    place = Path("handed in")
    for student, data in (("alice", RIGHT), ("bob", WRONG), ("copy", RIGHT), ("=eve", b"")):
        (place / student).mkdir(parents=True)
        (place / student / "lstm_cell.py").write_bytes(data)
    (place / "nothing").mkdir()
    (place / "nothing" / "link.py").symlink_to("/etc/passwd")
    Path("roster.csv").write_text("id,name\nalice,Alice\nabsent,Ab Sent\n")
    return place


GRADE = ("grade", "handed in", "--gradebook", "class.sqlite")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_class_from_files_to_marks(command, class_of_four: Path) -> None:
    assert command(*GRADE, "--roster", "roster.csv") == 0
    assert "4 new attempts, 3 to grade" in command.out, "a copy costs nothing"
    assert "nothing/link.py is a link" in command.out
    assert command("export", "--gradebook", "class.sqlite") == 0
    marks = {row["student"]: row for row in rows(command.out)}
    assert [marks[who]["status"] for who in ("alice", "bob", "copy", "'=eve")] == [
        "PASSED",
        "FAILED",
        "PASSED",
        "FAILED",
    ]
    assert {who for who, row in marks.items() if row["status"] == "MISSING"} == {
        "absent",
        "nothing",
    }
    assert (marks["alice"]["name"], marks["absent"]["name"]) == ("Alice", "Ab Sent")
    assert command("export", "--gradebook", "class.sqlite", "--format", "json") == 0
    listed = {one["student"]: one for one in json.loads(command.out)["marks"]}
    assert listed["absent"]["name"] == "Ab Sent"
    for format_ in ("csv", "json", "junit"):
        book = ("export", "--gradebook", "class.sqlite", "--format", format_)
        assert command(*book, "--katas", "gru_cell") == 0
        assert "alice/lstm_cell.py" not in command.out
        assert "PASSED" not in command.out
    assert command("export", "--gradebook", "class.sqlite", "--take", "last") == 0
    assert [row["per_cent"] for row in rows(command.out) if row["student"] == "alice"] == ["100.00"]


def test_the_roster_says_who_is_who(command, class_of_four: Path) -> None:
    """Canvas' own sheet is a roster, and a folder may be named after any id in it."""
    Path("roster.csv").write_text(
        "Student,ID,SIS Login ID,Section\n    Points Possible,,,\n"
        "Alice,11,Alice,A\nBob,12,bob,A\nAb Sent,13,ab,A\n"
    )
    assert command(*GRADE, "--roster", "roster.csv", "--dry-run") == 0
    for said in (
        "taken so: alice is taken for Alice",
        "not in the roster: copy",
        "not in the roster: =eve",
        "in the roster, and nothing handed in: ab",
    ):
        assert said in command.out
    assert command(*GRADE, "--roster", "roster.csv") == 0
    assert "not in the roster: copy" in command.out
    assert command("export", "--gradebook", "class.sqlite") == 0
    marks = {row["student"]: row for row in rows(command.out)}
    assert (marks["Alice"]["name"], marks["bob"]["name"]) == ("Alice", "Bob")
    assert [who for who, row in marks.items() if row["status"] == "MISSING"] == ["ab", "nothing"]
    assert command(*GRADE, "--dry-run") == 0
    assert "taken so: alice is taken for Alice" in command.out, "the book knows who is there"
    Path("roster.csv").write_text("id\n1.2E+11\n")
    assert command(*GRADE, "--roster", "roster.csv") == 2
    assert "roster.csv:2: has the id '1.2E+11'" in command.err


def test_again_it_grades_nothing_twice(command, class_of_four: Path) -> None:
    assert command(*GRADE) == 0
    assert command(*GRADE) == 0
    assert "0 new attempts, 0 to grade" in command.out
    (class_of_four / "bob" / "lstm_cell (1).py").write_bytes(RIGHT)
    assert command(*GRADE) == 0
    assert "1 new attempts, 0 to grade" in command.out, "those bytes have a verdict"
    assert command("export", "--gradebook", "class.sqlite", "--format", "json") == 0
    bobs = [one for one in json.loads(command.out)["marks"] if one["student"] == "bob"]
    assert [(one["attempt"], one["status"]) for one in bobs] == [(1, "FAILED"), (2, "PASSED")]


def test_what_another_run_may_change_is_graded_again_and_nothing_is_forgotten(
    command, class_of_four: Path
) -> None:
    (class_of_four / "dan").mkdir()
    (class_of_four / "dan" / "lstm_cell.py").write_bytes(WRONG)
    assert command(*GRADE) == 0
    assert command(*GRADE, "--again-where", "passed") == 2
    assert "internal_error" in command.err
    assert command(*GRADE, "--again-where", "FAILED") == 0
    assert "0 new attempts, 2 to grade, 3 attempts again" in command.out, "two files are equal"
    assert command("export", "--gradebook", "class.sqlite", "--format", "json") == 0
    history = [one["student"] for one in json.loads(command.out)["history"]]
    assert {who: history.count(who) for who in history} == {
        **dict.fromkeys(("bob", "dan", "=eve"), 2),
        **dict.fromkeys(("alice", "copy"), 1),
    }


def test_nothing_to_grade_is_told(command, class_of_four: Path) -> None:
    Path("empty").mkdir()
    argv = ("grade", "empty", "--gradebook", "class.sqlite")
    assert command(*argv) == 2
    assert "there is nothing to grade in empty" in command.err
    assert not Path("class.sqlite").exists()
    assert command(*argv, "--dry-run") == 0
    assert command(*argv, "--roster", "roster.csv") == 0, "nobody has handed in yet"


@pytest.mark.full
def test_one_notebook_answers_each_kata_that_its_cells_are_tagged_for(
    command, class_of_four: Path
) -> None:
    assert command("notebook", "lstm_cell", "gru_cell", "-o", "homework.ipynb") == 0
    book = json.loads(Path("homework.ipynb").read_bytes())
    [cell] = [
        one for one in book["cells"] if "kata:lstm/lstm_cell" in one["metadata"].get("tags", [])
    ]
    cell["source"] = RIGHT.decode()
    (class_of_four / "nat").mkdir()
    (class_of_four / "nat" / "homework.ipynb").write_text(json.dumps(book))
    assert command(*GRADE) == 0
    assert command("export", "--gradebook", "class.sqlite", "--format", "json") == 0
    marks = [one for one in json.loads(command.out)["marks"] if one["student"] == "nat"]
    assert {one["kata"]: one["status"] for one in marks} == {
        "lstm/lstm_cell": "PASSED",
        "gru/gru_cell": "NOT_IMPLEMENTED",
    }


def test_a_dry_run_writes_nothing(command, class_of_four: Path) -> None:
    assert command(*GRADE, "--dry-run") == 0
    assert "alice/lstm_cell.py" in command.out
    assert not Path("class.sqlite").exists()


def test_a_secret_seed_is_in_the_book_alone(command, class_of_four: Path) -> None:
    assert command(*GRADE, "--secret-seed", "123456789") == 0
    for format_ in ("csv", "json"):
        assert command("export", "--gradebook", "class.sqlite", "--format", format_) == 0
        assert "123456789" not in command.out
    assert command(*GRADE, "--secret-seed", "5") == 2
    assert "another secret seed" in command.err


@pytest.mark.full
def test_a_kata_that_the_course_lacks_keeps_its_verdicts(command, class_of_four: Path) -> None:
    assert command(*GRADE) == 0
    with closing(sqlite3.connect("class.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE handed SET kata = 'old/gone'")
    assert command("regrade", "class.sqlite", "--dry-run") == 0
    assert "old/gone: its verdicts stay, since the course has no such kata" in command.out
    for argv in (("export",), ("stats",), ("similar",)):
        assert command(*argv, "--gradebook", "class.sqlite") == 0


@pytest.mark.full
def test_a_class_with_a_secret_seed_keeps_it(command, class_of_four: Path) -> None:
    """Who forgets to say so again does not grade the class with a seed that everybody knows."""
    assert command(*GRADE) == 0
    assert command(*GRADE, "--secret-seed", "5") == 0
    assert "3 to grade" in command.out
    assert "lstm/lstm_cell: marks may change" in command.out
    assert "Not as before: the seed." in command.out
    assert command(*GRADE) == 0
    assert "0 new attempts, 0 to grade" in command.out
    assert "marks may change" not in command.out
    assert command(*GRADE, "--scheduler", "tcp://far.example:8786") == 2
    assert "secret" in command.err


def test_a_solution_that_fails_stops_everything(command, class_of_four, monkeypatch) -> None:
    monkeypatch.setattr(
        "grader.classroom.grading.solutions_fail", lambda *a: ["lstm/lstm_cell: FAILED"]
    )
    assert command(*GRADE) == 2
    assert "the course's own solution does not pass" in command.err
    assert command("export", "--gradebook", "class.sqlite") == 0
    assert {row["status"] for row in rows(command.out)} <= {"WAITING", "MISSING"}


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["grade", "gone", "--gradebook", "a.sqlite"], "no folder and no archive at gone"),
        (["grade", ".", "--gradebook", "no/a.sqlite"], "there is no folder"),
        (["grade", ".", "--gradebook", "."], "is a folder"),
        (["grade", ".", "--gradebook", "/dev/null"], "/dev/null is no file"),
        (["export", "--gradebook", "gone.sqlite"], "there is no gradebook gone.sqlite"),
        (["grade", ".", "--gradebook", "a.sqlite", "--roster", "gone.csv"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_told(command, argv: list[str], says: str) -> None:
    assert command(*argv) == 2
    assert says in command.err


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "=HYPERLINK(\u202e)"])
def test_no_cell_is_a_formula(cell: str) -> None:
    written = harmless(cell)
    assert written[0] not in "=+-@\t\r\n"
    assert "\u202e" not in written


@pytest.mark.full
def test_what_the_class_does_not_understand(command, class_of_four: Path) -> None:
    both = RIGHT.replace(b"f * c + i * g", b"i * c + f * g")
    for name in ("dan", "fay"):
        (class_of_four / name).mkdir()
        (class_of_four / name / "lstm_cell.py").write_bytes(both + f"# {name}\n".encode())
    (class_of_four / "fay" / "lstm_cell (1).py").write_bytes(RIGHT + b"# fay\n")
    assert command("stats", "--gradebook", "class.sqlite") == 2
    assert command(*GRADE) == 0
    assert command("stats", "--gradebook", "class.sqlite", "--json", "-") == 0
    [kata] = json.loads(command.out)["katas"]
    assert (kata["students"], kata["passed"]) == (6, 3)
    assert kata["attempts"] == {"1": 2, "2": 1}
    assert [(one["id"], one["students"]) for one in kata["misconceptions"]] == [
        ("forget_and_input_swapped", 1)
    ], "on the latest attempt: one of the two has mended it"
    assert (kata["unnamed"], kata["not_run"]) == (1, 1), "an empty file cannot be run"
    assert ["0.7 * i", 1] in kata["lines"]
    first = kata["checks"][0]
    assert (first["reached"], first["passed"]) == (6, 5), "an empty file passes nothing"
    assert command("stats", "--gradebook", "class.sqlite") == 0
    assert "3 of 6 passed (2 at attempt 1, 1 at attempt 2)" in command.out
    assert "1 × Forget and input" in command.out
    assert "1 × could not be run" in command.out
    assert "the middle one has 69%" in command.out, "between two, their mean"


def test_a_sheet_of_canvas_is_filled_in(command, class_of_four: Path) -> None:
    Path("canvas.csv").write_text("Student,ID,Section,LSTM (7)\nA,alice,1,\nB,bob,1,2\nC,c,1,5\n")
    assert command(*GRADE) == 0
    book = ("export", "--gradebook", "class.sqlite", "--format", "canvas")
    assert command(*book) == 2
    assert "--into THEIR.csv" in command.err
    assert command(*book, "--into", "canvas.csv") == 2
    assert "--column" in command.err
    filled = (*book, "--into", "canvas.csv", "--column", "7", "-o", "out.csv")
    assert command(*filled) == 0
    lines = Path("out.csv").read_text().splitlines()
    assert lines[1] == "A,alice,1,13"
    assert lines[3] == "C,c,1,5", "no mark is blanked"
    assert "not in the sheet: copy" in command.err
    assert "no mark for the row of: C" in command.err
    assert command("export", "--gradebook", "class.sqlite", "--format", "moodle") == 2


@pytest.mark.full
def test_a_class_in_the_formats_of_others(command, class_of_four: Path) -> None:
    assert command(*GRADE, "--secret-seed", "123456789") == 0
    book = ("export", "--gradebook", "class.sqlite", "--format")
    assert command(*book, "junit") == 0
    assert command.out.count("<testsuite ") == 4
    assert "123456789" not in command.out
    assert command(*book, "nbgrader") == 0
    scores = {row["student_id"]: row["score"] for row in rows(command.out)}
    assert (scores["alice"], scores["'=eve"]) == ("13.00", "0.00")
    with closing(sqlite3.connect("theirs.db", isolation_level=None)) as db:
        db.executescript(NBGRADER.read_text())
        db.execute("UPDATE student SET id = 'alice' WHERE id = 'nobody'")
    filled = (*book, "nbgrader", "--into", "theirs.db", "--column", "ps1", "-o")
    for refused in ("-", "theirs.db"):
        assert command(*filled, refused) == 2
        assert "-o filled.db" in command.err
    assert command(*filled, "filled.db") == 0
    assert "1 scores changed" in command.err
    assert "not in nbgrader's gradebook: bob" in command.err
    assert "no mark for: ada" in command.err
    assert command("stats", "--gradebook", "class.sqlite", "--markdown", "-") == 0
    assert "2 of 4 passed." in command.out
    assert command("feedback", "class.sqlite", "-o", "back") == 0
    assert "4 new pages" in command.out
    page = Path("back/bob/lstm-lstm_cell/attempt-1.html").read_text()
    assert "failed, " in page
    assert "Smallest case" not in page, "the seed is secret"
    assert command("feedback", "gone.sqlite", "-o", "back") == 2


CHANGED = "tensor-katas 0, {} 0, seed 0, cpu"


def regraded_under_a_stricter_kata(monkeypatch) -> None:
    """From now on the kata is another one, and no answer passes its first check."""
    import msgspec

    from grader.classroom import grading
    from grader.verdict import Status, Verdict

    before = grading.grade_task

    def stricter(task):
        found = before(task)
        verdict = msgspec.json.decode(found.json, type=Verdict)
        if verdict.status is not Status.PASSED or b"# strict" in task.data:
            return found
        first = msgspec.structs.replace(
            verdict.checks[0], status=Status.FAILED, points=0, message="h\x1b[2J is\nwrong"
        )
        points = verdict.points - verdict.checks[0].points
        verdict = msgspec.structs.replace(
            verdict, status=Status.FAILED, points=points, checks=(first, *verdict.checks[1:])
        )
        return grading.Recorded("FAILED", points, verdict.max_points, msgspec.json.encode(verdict))

    monkeypatch.setattr(grading, "grade_task", stricter)
    monkeypatch.setattr(grading, "solutions_fail", lambda *_: [])
    monkeypatch.setattr(grading, "rules_of", lambda kata, *_: CHANGED.format(kata.name))


def test_a_regrade_shows_who_would_move_before_it_writes(
    command, class_of_four: Path, monkeypatch
) -> None:
    assert command(*GRADE) == 0
    assert command("regrade", "class.sqlite") == 0, "there is nothing to ask about"
    assert "Nothing is to be graded anew" in command.out
    regraded_under_a_stricter_kata(monkeypatch)
    book = ("export", "--gradebook", "class.sqlite", "--format")
    assert command(*book, "csv") == 0
    before = command.out

    assert command("regrade", "class.sqlite") == 2
    assert "--dry-run to see who would move, or --yes" in command.err
    assert command("regrade", "class.sqlite", "--dry-run", "--scheduler", "tls://h") == 2
    assert "is no address of a scheduler" in command.err
    assert command("regrade", "class.sqlite", "--dry-run", "--jobs", "1") == 0
    assert "What is not as before: the grader's version" in command.out
    assert "would fall, and the files are unchanged" in command.out
    assert "alice, lstm/lstm_cell, attempt 1: 13/13 passed → " in command.out
    assert "passed → failed: h\\x1b[2J is wrong" in command.out
    assert "2 would fall, 0 would rise or change, 2 stay." in command.out
    assert "Nothing was written" in command.out
    assert command(*book, "csv") == 0
    assert command.out == before

    assert command("regrade", "class.sqlite", "--yes", "--katas", "lstm") == 0
    assert "4 verdicts written. The earlier ones stay." in command.out
    assert command(*book, "json") == 0
    document = json.loads(command.out)
    alice = [one for one in document["history"] if one["student"] == "alice"]
    assert [one["status"] for one in alice] == ["PASSED", "FAILED"]
    assert command("regrade", "class.sqlite", "--yes") == 0
    assert "Nothing is to be graded anew" in command.out

    Path("policy.toml").write_text("may_fall = false\n")
    assert command(*book, "csv", "--policy", "policy.toml") == 0
    assert {row["student"]: row["per_cent"] for row in rows(command.out)}["alice"] == "100.00"
    Path("policy.toml").write_text("may_fall = true\n")
    assert command(*book, "csv", "--policy", "policy.toml") == 0
    assert float({r["student"]: r["per_cent"] for r in rows(command.out)}["alice"]) < 100


@pytest.mark.full
def test_a_policy_on_the_way_out(command, class_of_four: Path) -> None:
    assert command(*GRADE) == 0
    Path("policy.toml").write_text(
        'times = "times.csv"\n[due]\nlstm = 2026-10-01T22:00:00Z\n[late]\npenalty_per_day = 0.25\n'
    )
    book = ("export", "--gradebook", "class.sqlite", "--policy", "policy.toml")
    assert command(*book) == 2
    assert "times.csv: cannot be read" in command.err
    Path("times.csv").write_text("student,time\nalice,2026-10-02T23:00:00+02:00\n")
    assert command(*book) == 2
    assert "does not say when =eve handed in" in command.err
    with Path("times.csv").open("a") as file:
        file.writelines(f"{who},2026-10-01T23:00:00+02:00\n" for who in ("bob", "copy", "=eve"))
    assert command(*book) == 0
    found = {row["student"]: row for row in rows(command.out)}
    assert (found["alice"]["per_cent"], found["alice"]["days_late"]) == ("75.00", "1")
    assert (found["copy"]["per_cent"], found["'=eve"]["per_cent"]) == ("100.00", "0.00")
    assert command(*book, "--format", "json") == 0
    assert json.loads(command.out)["grades"][1]["katas"][0]["points"] == 9.75
    Path("canvas.csv").write_text("Student,ID,Section,LSTM (7)\nA,alice,1,\n")
    filled = (*book, "--format", "canvas", "--into", "canvas.csv", "--column", "7")
    assert command(*filled) == 0
    assert "A,alice,1,75" in command.out
    assert command(*book, "--take", "last") == 2
    assert "Write take into the policy" in command.err
    with Path("policy.toml").open("r+") as file:
        file.write('extensions = "longer.csv"\ntimes = "times.csv"\n[due]\n')
        file.write("lstm = 2026-10-01T22:00:00Z\n[late]\npenalty_per_day = 0.25\n")
    Path("longer.csv").write_text("student,until\nAlice,2026-10-05T22:00Z\nbop,2026-10-05T22Z\n")
    assert command(*book) == 0
    assert {row["student"]: row for row in rows(command.out)}["alice"]["per_cent"] == "100.00"
    assert "longer.csv names bop, who is not in the gradebook" in command.err


def test_no_name_is_a_command_to_a_runner_in_any_json(command, class_of_four: Path) -> None:
    (class_of_four / "bob").rename(class_of_four / "##[group]bob")
    (class_of_four / "alice").rename(class_of_four / "alice\n::error::x")
    assert command(*GRADE) == 0
    for words in (
        ("export", "--gradebook", "class.sqlite", "--format", "json"),
        ("similar", "--gradebook", "class.sqlite", "--json", "-"),
        ("stats", "--gradebook", "class.sqlite", "--json", "-"),
    ):
        assert command(*words) == 0
        json.loads(command.out)
        assert "##[" not in command.out
        assert "::error::" not in command.out
