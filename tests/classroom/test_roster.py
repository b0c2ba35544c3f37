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
        ("id,name\nalice,A\nbob,B\nalice,C\n", ":4: has 'alice' a second time"),
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
