"""nbgrader's own gradebook: scores go where its autograder puts them, and nothing is taken away."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.classroom.nbgrader_book import fill_nbgrader
from grader.classroom.policy import Grade, KataGrade
from grader.errors import DataError, NotFoundError, UsageError

DUMP = Path(__file__).with_name("nbgrader.sql")
LSTM, GRU = "lstm/lstm_cell", "gru/gru_cell"
SCORES = """
SELECT sa.student_id, a.name || '/' || n.name || '/' || b.name, g.auto_score, g.manual_score,
    g.needs_manual_grade
FROM grade g JOIN base_cell b ON b.id = g.cell_id
JOIN submitted_notebook sn ON sn.id = g.notebook_id JOIN notebook n ON n.id = sn.notebook_id
JOIN submitted_assignment sa ON sa.id = sn.assignment_id
JOIN assignment a ON a.id = sa.assignment_id
"""
Score = tuple[float | None, float | None, int]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nbgrader") / "gradebook.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(DUMP.read_text())
    return path


def scores(data: bytes) -> dict[tuple[str, str], Score]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(data)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return {(who, cell): tuple(rest) for who, cell, *rest in db.execute(SCORES)}


def grade(student: str, points: float, *, kata: str = LSTM, name: str = "", **more) -> Grade:
    part = KataGrade(kata, more.pop("attempt", 1), points, 10, 0, 0, 1.0, **more)
    return Grade(student, name, (part,), part.share)


def test_scores_go_where_the_autograder_puts_them(theirs: Path) -> None:
    before = theirs.read_bytes()
    filled = fill_nbgrader(theirs, "ps1", [grade("ADA", 7.5), grade("cy", 5), grade("stranger", 1)])
    found = scores(filled.data)
    cell = "ps1/cells/lstm_cell"
    assert found["ada", cell] == (7.5, None, 0)
    assert found["cy", cell] == (5.0, 9.0, 1), "a person's score counts, and is looked at again"
    assert found["ada", "ps1/cells/essay"] == (None, 4.5, 0)
    assert (filled.changed, filled.unknown, filled.unmatched, filled.by_hand) == (
        2,
        ("stranger",),
        ("b17", "nobody"),
        (f"cy, {cell}",),
    )
    assert theirs.read_bytes() == before


@pytest.mark.parametrize(
    "one", [grade("bob@x.org", 4), grade("991", 4), grade("b", 4, name="Moor, Bob")]
)
def test_who_has_handed_in_nothing_there_gets_a_submission(theirs: Path, one: Grade) -> None:
    found = scores(fill_nbgrader(theirs, "ps1", [one]).data)
    assert {cell: score for (who, cell), score in found.items() if who == "b17"} == {
        "ps1/cells/lstm_cell": (4.0, None, 0),
        "ps1/cells/essay": (None, None, 1),
        "ps1/cells/plot": (None, None, 1),
        "ps1/gru_cell/test_all": (None, None, 1),
    }


def test_a_kata_is_a_cell_or_the_only_one_of_a_notebook(theirs: Path) -> None:
    filled = fill_nbgrader(theirs, None, [grade("ada", 5, kata=GRU)])
    assert scores(filled.data)["ada", "ps1/gru_cell/test_all"] == (2.0, None, 0)
    both = [grade("ada", 5, kata=GRU), grade("cy", 5, kata="talk/q1")]
    assert fill_nbgrader(theirs, None, both).without_cell == ("talk/q1",)


@pytest.mark.parametrize("more", [{"attempt": 0}, {"pending": True}])
def test_what_is_not_there_or_waits_changes_nothing(theirs: Path, more: dict) -> None:
    filled = fill_nbgrader(theirs, "ps1", [grade("cy", 0, **more), grade("b17", 0, **more)])
    assert filled.changed == 0
    assert scores(filled.data) == scores(theirs.read_bytes())


def test_what_cannot_be_filled_is_told(theirs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"2 cells .* ps1/cells/lstm_cell, resit/again/lstm_cell"):
        fill_nbgrader(theirs, None, [grade("ada", 1)])
    with pytest.raises(UsageError, match="no assignment 'ps2'") as told:
        fill_nbgrader(theirs, "ps2", [grade("ada", 1)])
    assert told.value.advice == "It has: ps1, resit."
    with pytest.raises(UsageError, match="called like a kata"):
        fill_nbgrader(theirs, None, [grade("ada", 1, kata="talk/q1")])
    with pytest.raises(NotFoundError):
        fill_nbgrader(tmp_path / "gone.db", None, [])
    (tmp_path / "text.db").write_text("no database, and long enough to be looked at" * 40)
    with pytest.raises(DataError, match="cannot be read"):
        fill_nbgrader(tmp_path / "text.db", None, [])
    sqlite3.connect(tmp_path / "other.db").close()
    with pytest.raises(DataError, match="no gradebook of nbgrader"):
        fill_nbgrader(tmp_path / "other.db", None, [])


students = st.sampled_from(["ada", "b17", "cy", "nobody", "x'); DROP TABLE grade;--", "\x00"])
points = st.floats(0, 10)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(marks=st.dictionaries(students, st.tuples(st.sampled_from([LSTM, GRU]), points)))
def test_no_score_is_ever_taken_away(theirs: Path, marks: dict) -> None:
    given = [grade("zoe", 1)]
    given += [grade(who, mark, kata=kata) for who, (kata, mark) in marks.items()]
    first = fill_nbgrader(theirs, "ps1", given)
    before, after = scores(theirs.read_bytes()), scores(first.data)
    for place, (auto, by_hand, _) in before.items():
        assert after[place][1] == by_hand
        assert auto is None or after[place][0] is not None
    again = theirs.with_name("again.db")
    again.write_bytes(first.data)
    second = fill_nbgrader(again, "ps1", given)
    assert (second.changed, second.data) == (0, first.data)
