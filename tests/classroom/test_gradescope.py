"""An export of Gradescope says whose its submissions are, alone or in groups, and when."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.gradescope import FILE, Submitter, read_metadata
from grader.classroom.handed import sort_out
from grader.classroom.members import Member, Other, members_of

KATAS = ("lstm/lstm_cell",)
METADATA = """\
---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0012'
    :email: ada@x.org
  :created_at: 2026-10-01 22:15:00.123456789 Z
  :score: 0.0
  :results:
    tests:
    - output: |-
        submission_99:
          :submitters:
          - :name: Eve
            :sid: '66'
  :history: []
submission_12:
  :submitters:
  - :name: "Zo\\u00eb \\"Z\\" X"
    :sid: ''
    :email: zoe@x.org
  - :name: O'Brien, Bo
    :email: bo@x.org
    :sid:
  :created_at: '2026-10-02 01:00:00 +02:00'
submission_13:
  :submitters: []
"""


def handed(*members: Member, known: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    found = sort_out(members, KATAS, known=known)
    return [(one.student, one.name, one.at) for one in found.handed]


def class_of(metadata: str, top: str = "assignment_9_export") -> list[Member]:
    files = {f"submission_{n}/lstm_cell.py": str(n).encode() for n in (11, 12, 13, 14)}
    files[FILE] = metadata.encode()
    return [Member((*filter(None, (top, *path.split("/"))),), data) for path, data in files.items()]


WANTED = [
    ("0012", "Ada Lovelace", "2026-10-01T22:15:00+00:00"),
    ("13", "", ""),
    ("14", "", ""),
    ("bo@x.org", "O'Brien, Bo", "2026-10-02T01:00:00+02:00"),
    ("zoe@x.org", 'Zo\xeb "Z" X', "2026-10-02T01:00:00+02:00"),
]


@pytest.mark.parametrize("top", ["assignment_9_export", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_of_a_group_has_handed_it_in(top: str, end: str) -> None:
    assert handed(*class_of(METADATA.replace("\n", end), top)) == WANTED


def test_an_id_that_is_known_comes_first() -> None:
    found = handed(*class_of(METADATA), known=("ADA@x.org",))
    assert [one[0] for one in found] == ["13", "14", "ADA@x.org", "bo@x.org", "zoe@x.org"]


def test_what_a_student_hands_in_says_nothing_of_others() -> None:
    own = METADATA.replace("submission_12", "submission_11").encode()
    members = [one for one in class_of("") if one.parts[-1] != FILE]
    members.append(Member(("assignment_9_export", "submission_14", FILE), own))
    found = sort_out(members, KATAS)
    assert [one.student for one in found.handed] == ["11", "12", "13", "14"]
    assert found.others == (f"assignment_9_export/submission_14/{FILE}",)


def test_it_is_read_beside_the_folders_alone(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "a", tmp_path / "a/b"):
        place.mkdir(exist_ok=True)
        (place / FILE).write_text(METADATA)
    found = list(members_of(tmp_path))
    assert {one.parts for one in found if isinstance(one, Member)} == {(FILE,), ("a", FILE)}
    assert [one.origin for one in found if isinstance(one, Other)] == [f"a/b/{FILE}"]


@given(
    st.dictionaries(st.integers(0, 99), st.lists(st.text(st.characters(codec="ascii")), max_size=3))
)
def test_what_ruby_writes_is_read(class_: dict[int, list[str]]) -> None:
    lines = ["---"]
    for number, names in class_.items():
        lines.append(f"submission_{number}:")
        lines.append("  :submitters:" if names else "  :submitters: []")
        for name in names:
            plain = name.replace("\n", " ").replace("\r", " ")
            lines.append("  - :name: '" + plain.replace("'", "''") + "'")
    found = read_metadata("\n".join(lines).encode())
    assert {key: [one.name for one in group.submitters] for key, group in found.items()} == {
        f"submission_{number}": [name.replace("\n", " ").replace("\r", " ") for name in names]
        for number, names in class_.items()
    }


@given(st.binary(max_size=300))
def test_any_bytes_are_data(data: bytes) -> None:
    for one in read_metadata(b"submission_1:\n  :submitters:\n  - :name: a\n" + data).values():
        assert all(isinstance(who, Submitter) for who in one.submitters)
