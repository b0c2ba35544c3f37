"""Canvas' and Moodle's own sheets: the cells of marks change, and not one other byte."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.fill import Total, fill_canvas, fill_moodle, totals
from grader.classroom.gradebook import Mark
from grader.classroom.sheet import Sheet
from grader.errors import DataError, UsageError

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,LSTM (1234),"GRU, again (99)",Final Score
    Points Possible,,,,,10,5,(read only)
"Wonder, Alice",11,s11,alice@x.org,"A, B",,3,1
"Ben ""Bob"" Moor",12,s12,bob,A,7.5,,2
Nobody,13,s13,no,A,4,,3
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,{when}
Participant 98765,Alice Wonder,alice@x.org,Submitted,-,"100,00",Yes,"Monday, 1 May"
Participant 98766,Bob,bob@x.org,"No submission, late",50.00,"100,00",Yes,-
""".replace("{when}", "Last modified (grade)")
GERMAN = MOODLE.replace("Grade,Maximum Grade", "Bewertung,Bestwertung").replace(
    "Participant", "Teilnehmer/in"
)
ALICE, BOB = Total("alice@x.org", "", 13, 13), Total("12", "", 6, 13)


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "theirs.csv"
    path.write_bytes(text.encode(encoding))
    return path


def changed(before: str, after: bytes, encoding: str = "utf-8") -> list[tuple[str, str]]:
    pairs = zip(before.splitlines(), after.decode(encoding).splitlines(), strict=True)
    return [(one, other) for one, other in pairs if one != other]


@pytest.mark.parametrize("column", ["LSTM (1234)", "1234"])
def test_canvas_changes_the_cells_of_one_assignment(tmp_path: Path, column: str) -> None:
    filled = fill_canvas(written(tmp_path, CANVAS), column, [ALICE, BOB, Total("x", "", 1, 13)])
    assert changed(CANVAS, filled.data) == [
        (
            '"Wonder, Alice",11,s11,alice@x.org,"A, B",,3,1',
            '"Wonder, Alice",11,s11,alice@x.org,"A, B",10,3,1',
        ),
        (
            '"Ben ""Bob"" Moor",12,s12,bob,A,7.5,,2',
            '"Ben ""Bob"" Moor",12,s12,bob,A,4.62,,2',
        ),
    ]
    assert (filled.changed, filled.unknown, filled.unmatched) == (2, ("x",), ("Nobody",))


def test_a_student_is_found_by_name_where_it_is_the_only_one(tmp_path: Path) -> None:
    one = Total("77", "Alice Wonder", 13, 26)
    filled = fill_canvas(written(tmp_path, CANVAS), "1234", [one])
    assert b'A, B",5,3,1' in filled.data
    twice = [one, Total("78", "Wonder Alice", 1, 26)]
    assert fill_canvas(written(tmp_path, CANVAS), "1234", twice).changed == 0


def test_a_mark_that_is_there_already_is_not_touched(tmp_path: Path) -> None:
    text = CANVAS.replace("7.5,,2", "7.50,,2")
    filled = fill_canvas(written(tmp_path, text), "1234", [Total("12", "", 75, 100)])
    assert (filled.data.decode(), filled.changed) == (text, 0)


@pytest.mark.parametrize("text", [MOODLE, GERMAN], ids=["English", "German"])
def test_moodle_changes_the_grades(tmp_path: Path, text: str) -> None:
    filled = fill_moodle(
        written(tmp_path, text), [Total("98765", "", 13, 26), Total("9", "", 1, 2)]
    )
    [(before, after)] = changed(text, filled.data)
    assert after == before.replace(",-,", ",50,")
    assert (filled.unknown, filled.unmatched) == (("9",), ("Bob",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "latin-1", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_whatever_the_sheet_is_written_in(tmp_path: Path, encoding, end, delimiter) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    text = "Student;ID;Section;K (1)\nZo\xeb;11;A;\nBob;12;A;1\n".replace(";", delimiter)
    text = mark + text.replace("\n", end)
    filled = fill_canvas(written(tmp_path, text, encoding), "1", [Total("11", "", 2, 4)])
    expected = text.replace(f"A{delimiter}{end}", f"A{delimiter}2{end}")
    assert filled.data == expected.encode(encoding)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_sheet_that_is_not_changed_keeps_each_byte(tmp_path_factory, rows) -> None:
    quoted = ["".join(f'"{c.replace(chr(34), chr(34) * 2)}",' for c in row)[:-1] for row in rows]
    path = tmp_path_factory.mktemp("sheets") / "a.csv"
    data = ("a,b\n" + "\r\n".join(quoted)).encode()
    path.write_bytes(data)
    sheet = Sheet(path)
    assert sheet.encoded() == data
    assert [sheet.row(n + 1) for n in range(len(rows))] == rows


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "is no gradebook of Canvas"),
        ('Student,ID\n"open,1\n', ":2: a quotation mark is never closed"),
    ],
)
def test_what_is_no_sheet_is_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        fill_canvas(written(tmp_path, text), "1234", [])
    assert says in caught.value.message


def test_a_sheet_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, CANVAS, "utf-16")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"byte [0-9]+: is no text in utf-16-le"):
        Sheet(path)


@given(st.binary(min_size=1))
def test_whatever_the_bytes_are(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("sheets") / "a.csv"
    path.write_bytes(data)
    with suppress(DataError):
        assert Sheet(path).encoded() == data


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        fill_canvas(written(tmp_path, CANVAS), "GRU", [])
    assert "LSTM (1234), GRU, again (99)" in caught.value.advice
    with pytest.raises(DataError, match="no grading worksheet"):
        fill_moodle(written(tmp_path, "a,b,c\nx,y,z\n"), [])


def mark(
    student: str, attempt: int, points: int, kata: str = "a/b", status: str = "FAILED"
) -> Mark:
    return Mark(student, "", kata, attempt, "b.py", False, status, points, 10, "")


def test_which_attempt_counts() -> None:
    marks = [mark("s", 1, 4), mark("s", 2, 9), mark("s", 3, 5), mark("t", 1, 3)]
    for take, points in (("best", 9), ("last", 5), ("first", 4)):
        found = {one.student: one.points for one in totals(marks, ["a/b"], take)}
        assert found == {"s": points, "t": 3}


def test_what_has_no_verdict_does_not_count() -> None:
    marks = [
        mark("s", 1, 4),
        mark("s", 2, 0, status="INTERNAL_ERROR"),
        mark("u", 1, 0, status="WAITING"),
        mark("s", 1, 10, kata="c/d"),
        mark("t", 1, 10),
    ]
    found = {
        one.student: (one.points, one.max_points) for one in totals(marks, ["a/b", "c/d"], "last")
    }
    assert found == {"s": (14, 20), "t": (10, 20)}, "nobody without a verdict has a mark"
