"""Canvas' and Moodle's own sheets: the cells of marks change, and not one other byte."""

import csv
import io
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


ODD = st.text(st.sampled_from("a1 \xeb'\"=,;\t\n"), max_size=4)


@given(
    rows=st.lists(st.lists(ODD, min_size=3, max_size=3), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    at=st.tuples(st.integers(0, 3), st.integers(0, 2)),
)
def test_a_cell_that_is_changed_leaves_the_others(
    tmp_path_factory, rows, delimiter, end, quoting, at
) -> None:
    """Python's own reader of CSV finds each cell where it was."""
    row, column = at[0] % len(rows), at[1]
    written = io.StringIO()
    table = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting)
    table.writerows([["x", "y", "z"], *rows])
    path = tmp_path_factory.mktemp("sheets") / "a.csv"
    path.write_bytes(written.getvalue().encode())
    sheet = Sheet(path)
    assert sheet.encoded() == path.read_bytes()
    sheet.put(row + 1, column, "7.5")
    read = csv.reader(io.StringIO(sheet.encoded().decode(), newline=""), delimiter=delimiter)
    rows[row][column] = "7.5"
    assert [*read] == [["x", "y", "z"], *rows]


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


def test_whose_attempt_at_a_kata_only_waits_has_no_total() -> None:
    """Neither an unfinished run nor a fault of ours nor an unread text is 0 points."""
    for status in ("WAITING", "INTERNAL_ERROR", "PENDING"):
        marks = [mark("s", 1, 10), mark("s", 1, 0, kata="c/d", status=status)]
        marks += [mark("t", 1, 10), mark("t", 1, 5, kata="c/d")]
        assert [one.student for one in totals(marks, ["a/b", "c/d"])] == ["t"]
        assert [one.student for one in totals(marks, ["a/b"])] == ["s", "t"]


def test_attempts_under_other_points_are_compared_by_their_share() -> None:
    old = mark("s", 1, 10)
    new = Mark("s", "", "a/b", 2, "b.py", False, "FAILED", 12, 20, "")
    assert [one.points for one in totals([old, new], ["a/b"])] == [20]
    assert [one.points for one in totals([old, new], ["a/b"], "last")] == [12]


# -- whose row it is -------------------------------------------------------------------------------

SHEET = "Student,ID,SIS User ID,SIS Login ID,Section,K (1)\n    Points Possible,,,,,10\n"
HALF = Total("11", "", 5, 10)


def cells(tmp_path: Path, rows: str, *marks: Total, head: str = SHEET) -> list[str]:
    filled = fill_canvas(written(tmp_path, head + rows), "1", marks)
    return [line.rpartition(",")[2] for line in filled.data.decode().splitlines()[2:]]


def test_an_id_of_another_kind_gives_nobody_a_mark(tmp_path: Path) -> None:
    """Who has handed in nothing may have, as another id, the one of somebody who has."""
    rows = "A,11,s1,a,S,\nB,12,11,b,S,\n"
    assert cells(tmp_path, rows, HALF) == ["5", ""]
    rows = "A,11,s1,a,S,\nB,12,11,b,S,\nC,13,12,c,S,\nD,14,13,d,S,\nE,15,99,d,S,\n"
    marks = [Total(sis, "", 5, 10) for sis in ("11", "12", "99")]
    assert cells(tmp_path, rows, *marks) == ["", "5", "5", "", "5"], "these are ids of the SIS"


def test_a_name_that_two_rows_have_says_nothing(tmp_path: Path) -> None:
    rows = '"Smith, John",11,s1,a,S,\n"Smith, John",12,s2,b,S,\n'
    assert cells(tmp_path, rows, Total("js", "John Smith", 5, 10)) == ["", ""]
    assert cells(tmp_path, rows, Total("s2", "John Smith", 5, 10)) == ["", "5"]


@pytest.mark.parametrize(
    ("row", "student", "name"),
    [
        ("A,1,,zoe\u0308,S,", "zo\xeb", ""),
        ("A,1,,ZOE@x.org,S,", "zoe@x.org", ""),
        ('"X, Zoe\u0308",1,,,S,', "s", "Zo\xeb X"),
    ],
)
def test_who_is_written_otherwise_is_the_same(tmp_path: Path, row, student, name) -> None:
    assert cells(tmp_path, row + "\n", Total(student, name, 5, 10)) == ["5"]


def test_ids_that_differ_in_their_capitals_alone_are_two(tmp_path: Path) -> None:
    marks = [Total("ann", "", 5, 10), Total("ANN", "", 8, 10)]
    assert cells(tmp_path, "A,1,,ANN,S,\nB,2,,ann,S,\nC,3,,Ann,S,\n", *marks) == ["8", "5", ""]


def test_zeros_that_a_spreadsheet_has_taken_are_no_difference(tmp_path: Path) -> None:
    assert cells(tmp_path, "A,1,12,a,S,\nB,2,13,b,S,\n", Total("0012", "", 5, 10)) == ["5", ""]


def test_an_id_that_a_spreadsheet_has_shortened_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":4: has the id '1.2E\+11'"):
        cells(tmp_path, "A,1,s,a,S,\nB,2,1.2E+11,b,S,\n", HALF)


def test_first_and_last_names_in_columns_of_their_own(tmp_path: Path) -> None:
    head = "LastName,FirstName,ID,Section,K (1)\n    Points Possible,,,,10\n"
    alice = Total("s", "Alice Wonder", 5, 10)
    assert cells(tmp_path, "Wonder,Alice,11,S,\n", alice, head=head) == ["5"]


# -- what a cell said before -----------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "-", "1"])
def test_nothing_reached_is_a_mark_too(tmp_path: Path, before: str) -> None:
    assert cells(tmp_path, f"A,11,,,S,{before}\n", Total("11", "", 0, 10)) == ["0"]
    moodle = MOODLE.replace(",-,", f",{before},")
    filled = fill_moodle(written(tmp_path, moodle), [Total("98765", "", 0, 10)])
    assert b'Submitted,0,"100,00"' in filled.data


@pytest.mark.parametrize("before", ["EX", "N/A"])
def test_who_is_excused_stays_so_and_is_named(tmp_path: Path, before: str) -> None:
    filled = fill_canvas(written(tmp_path, f"{SHEET}Ann,11,,,S,{before}\n"), "1", [HALF])
    assert filled.data.decode().endswith(f",{before}\n")
    [kept] = filled.kept
    assert kept.startswith(f"Ann ({before}, ")


def test_a_grade_that_moodle_has_locked_stays_and_is_named(tmp_path: Path) -> None:
    text = MOODLE.replace("Yes", "No")
    filled = fill_moodle(written(tmp_path, text), [Total("98765", "", 5, 10)])
    assert (filled.data.decode(), filled.changed) == (text, 0)
    assert filled.kept == ("Alice Wonder (locked: Moodle takes no grade)",)


@pytest.mark.parametrize("possible", ["", "0", "-"])
def test_an_assignment_without_points_is_given_the_points_as_they_are(tmp_path, possible) -> None:
    head = SHEET.replace(",10\n", f",{possible}\n")
    assert cells(tmp_path, "A,11,,,S,\n", Total("11", "", 7, 13), head=head) == ["7"]


def test_a_row_that_ends_early_is_filled_up(tmp_path: Path) -> None:
    filled = fill_canvas(written(tmp_path, f"{SHEET}A,11\r\nB,12,,,S,3\r\n"), "1", [HALF])
    assert filled.data.decode() == f"{SHEET}A,11,,,,5\r\nB,12,,,S,3\r\n"


# -- which column ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "column", "cell"),
    [
        ("LSTM (1),GRU (2)", "LSTM", "5,"),
        ("LSTM  (1),GRU (2)", "LSTM (1)", "5,"),
        ("Quiz (2) (77),Other (2)", "2", ",5"),
        ("2 (77),Other (2)", "2", ",5"),
    ],
)
def test_an_assignment_by_its_title_or_its_id(tmp_path, titles, column, cell) -> None:
    text = f"Student,ID,Section,{titles}\nA,11,S,,\n"
    filled = fill_canvas(written(tmp_path, text), column, [HALF])
    assert filled.data.decode().endswith(f"A,11,S,{cell}\n")


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("ID", "no assignment 'ID'"),
        ("Section", "no assignment 'Section'"),
        ("Final Score", "has the words 'Final Score'"),
        ("9", "has the words 'Current Grade'"),
        ("7", "is read only"),
        ("K", "2 columns 'K'"),
    ],
)
def test_a_column_that_takes_no_marks_is_refused(tmp_path: Path, column: str, says: str) -> None:
    text = (
        "Student,ID,Section,K (1),K (2),Sum (7),My Current Grade (9),Final Score\n"
        "    Points Possible,,,10,10,(read only),10,(read only)\nA,11,S,,,,,\n"
    )
    with pytest.raises(UsageError) as caught:
        fill_canvas(written(tmp_path, text), column, [HALF])
    assert says in caught.value.message


def test_another_export_of_moodles_is_refused(tmp_path: Path) -> None:
    report = "First name,Last name,Email,LSTM (Real),Downloaded\nA,W,a@x,-,1700000000\n"
    scale = MOODLE.replace("Maximum Grade", "Scale").replace('"100,00"', '"Poor,Good"')
    for text, says in ((report, "Participant 98765"), (scale, "no grading worksheet")):
        with pytest.raises(DataError, match=says) as caught:
            fill_moodle(written(tmp_path, text), [HALF])
        assert "Download grading worksheet" in caught.value.advice


def test_moodles_other_columns_of_ids_and_no_names(tmp_path: Path) -> None:
    text = MOODLE.replace("Email address", "ID number").replace("alice@x.org", "u001")
    filled = fill_moodle(written(tmp_path, text), [Total("u001", "", 5, 10)])
    assert filled.changed == 1
    blind = text.replace("Full name,ID number,", "").replace("Alice Wonder,u001,", "")
    blind = blind.replace("Bob,bob@x.org,", "")
    filled = fill_moodle(written(tmp_path, blind), [Total("98765", "", 5, 10)])
    assert (filled.changed, filled.unmatched) == (1, ("Participant 98766",))


def test_each_of_a_group_has_its_mark_in_moodle(tmp_path: Path) -> None:
    """The number of a group may be somebody's identifier."""
    text = (
        "Identifier,Full name,Status,Group,Grade,Maximum Grade\n"
        "Participant 1,Ada,Submitted,Group A,-,100.00\n"
        "Participant 2,Bo,Submitted,Group A,-,100.00\n"
        "Participant 77,Cy,No submission,Group B,-,100.00\n"
        "Participant 78,Di,No submission,Default group,-,100.00\n"
    )
    marks = [Total("77", "Group A", 5, 10), Total("1", "Group C", 9, 10)]
    filled = fill_moodle(written(tmp_path, text), marks)
    assert filled.data.decode() == text.replace("Group A,-", "Group A,50")
    assert (filled.unknown, filled.unmatched) == (("1",), ("Cy", "Di"))


# -- how it is written -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Student;ID;Section;\"K, a, b, c, d (1)\"\n'A';11;S;\n",
        "\n\nStudent,ID,Section,K (1)\n'A',11,S,\n",
        "sep=;\r\nStudent;ID;Section;K (1)\n'A';11;S;\n",
        "Student,ID,\"Section;\n;;;;;\",K (1)\n'A',11,S,\n",
    ],
)
def test_what_parts_columns_is_not_what_stands_in_a_title(tmp_path: Path, text: str) -> None:
    filled = fill_canvas(written(tmp_path, text), "1", [HALF])
    assert filled.data.decode() == f"{text[:-1]}5\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    text = f"{SHEET}Zoe,11,,,S,\n"
    filled = fill_canvas(written(tmp_path, text, encoding), "1", [HALF])
    assert filled.data == f"{text[:-1]}5\n".encode(encoding)


def test_the_lines_of_a_sheet_count_from_its_first(tmp_path: Path) -> None:
    assert Sheet(written(tmp_path, "sep=,\n\r\n\na,b\nc,d\n")).lines == [4, 5]


@pytest.mark.parametrize("begin", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_file_of_a_spreadsheet_program_is_told(tmp_path: Path, begin: bytes) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(begin + bytes(100))
    with pytest.raises(DataError, match="no CSV") as caught:
        Sheet(path)
    assert caught.value.advice == "Save it as CSV."
