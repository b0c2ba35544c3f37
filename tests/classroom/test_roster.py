"""A roster, as systems and spreadsheets write it."""

from pathlib import Path

import pytest

from grader.classroom.roster import Student, read_roster
from grader.errors import DataError

WANTED = [Student("alice", "Alice Å"), Student("bob", "Bob")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_delimiters(tmp_path: Path, encoding, delimiter, end) -> None:
    rows = [["Username", "Section", "Full name"], ["alice", "1", "Alice Å"], ["bob", "", "Bob"], []]
    path = tmp_path / "roster.csv"
    path.write_bytes(end.join(delimiter.join(row) for row in rows).encode(encoding))
    assert read_roster(path) == WANTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("first,last\na,b\n", ":1: has the columns first, last"),
        ("id,name\nalice,A\n,B\n", ":3: has no id"),
        ("id,name\nalice,A\nbob,B\nalice,C\n", ":4: has 'alice' a second time, as 'C' and 'A'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_roster(path)
    assert says in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_roster(tmp_path / "gone.csv")


def read(tmp_path: Path, text: str, *found: str) -> list[str]:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    return [one.student for one in read_roster(path, found)]


CLASSROOM = "identifier,github_username,github_id,name\nAda L,ada,7,Ada\nBo,,,Bo\n"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,K (1)
    Points Possible,,,,,10
,,,,,Manual Posting
"Wonder, Alice",11,s11,alice@x.org,A,
"Student, Test",99,,ab12,A,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade
Participant 98765,Alice Wonder,alice@x.org,Submitted,-,100.00
"""
GRADESCOPE = "First Name,Last Name,SID,Email,Role\nAlice,Wonder,,alice@x.org,Student\n"


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (CLASSROOM, ["ada"], ["ada", "Bo"]),
        (CLASSROOM, [], ["Ada L", "Bo"]),
        (CANVAS, ["11"], ["11"]),
        (CANVAS, ["S11", "77"], ["s11"]),
        (CANVAS, [], ["11"]),
        (MOODLE, ["98765"], ["98765"]),
        (MOODLE, ["alice@x.org"], ["alice@x.org"]),
        (GRADESCOPE, [], ["alice@x.org"]),
    ],
)
def test_the_ids_are_of_the_kind_that_the_class_uses(tmp_path, text, found, expected) -> None:
    assert read(tmp_path, text, *found) == expected


GERMAN = "Nachname;Vorname;Gruppe;Matrikelnummer\nLovelace;Ada;1;0012\nMoor;Bo;1;0013\n"


def test_titles_in_another_language(tmp_path: Path) -> None:
    """Then a column holds ids if it says who has handed in."""
    assert read(tmp_path, GERMAN, "13", "7") == ["0012", "0013"]
    assert read(tmp_path, GERMAN, "bo") == ["Ada", "Bo"]
    for found in ((), ("nobody",), ("1",)):
        with pytest.raises(DataError, match=":1: has the columns nachname, vorname"):
            read(tmp_path, GERMAN, *found)


@pytest.mark.parametrize(
    ("text", "name"),
    [(CANVAS, "Wonder, Alice"), (MOODLE, "Alice Wonder"), (GRADESCOPE, "Alice Wonder")],
)
def test_the_names_in_sheets_of_systems(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    assert [one.name for one in read_roster(path)] == [name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,name\nzoe\u0308,Zoe\u0308\n", ["zo\xeb"]),
        ('id,name\n="0012",A\n"=""0013""",B\n', ["0012", "0013"]),
        ("id,name,,\n1,A,,\n2,B\n,,,\n", ["1", "2"]),
        ("id,id,name\n1,2,A\n", ["1"]),
        ('"User\nname",Section\nada,1\n', []),
        ("Student  ID,Section\nada,1\nada,2\nbo,1\n", ["ada", "bo"]),
        ("sep=;\nid;name\nada;Ada\n", ["ada"]),
    ],
)
def test_what_spreadsheets_and_people_write(tmp_path, text: str, expected: list[str]) -> None:
    if expected:
        assert read(tmp_path, text) == expected
    else:
        with pytest.raises(DataError, match="has the columns user name"):
            read(tmp_path, text)


def test_an_id_that_a_spreadsheet_has_shortened_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":3: has the id '1.23457E\+11'"):
        read(tmp_path, "id,name\n12,A\n1.23457E+11,B\n")
