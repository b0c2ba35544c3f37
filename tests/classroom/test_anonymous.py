"""Lines that are shown to others: no comment, no text, no name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.classroom.anonymous import anonymous, words_of

NAMES = words_of(["alice.b", "Ann-Lena Öst", "s1234567", "xy"])


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("c = f * c + i * g", "c = f * c + i * g"),
        ("f * c  # by Alice", "f * c"),
        ("x = torch.linear(w)", "x = torch.linear(w)"),
        ("print('I am Alice', x)", 'print("...", x)'),
        ("alice_gate = f * c", ""),
        ("annLena = 1", ""),
        ("s1234567 = f", ""),
        ("öst * 2", ""),
        ("xy = planner(x)", "xy = planner(x)"),
        ("y = torch.cat((x,", "y = torch.cat((x,"),
        ("'''I am Alice", ""),
        ("# Alice", ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_line(line: str, shown: str) -> None:
    assert anonymous(line, NAMES) == shown


@given(st.text(), st.text(alphabet="ab '\"#\\\n{}f"))
@example("f'", "{x}' \"")
@example("\r\x80", "")  # Python 3.12 cuts the second sign in two
def test_no_name_and_no_comment_is_left(before: str, after: str) -> None:
    for line in (f"{before}alice{after}", f"{before} alice {after}", f"{before}'alice'{after}"):
        shown = anonymous(line, NAMES)
        assert not NAMES & words_of([shown])
        assert "\n" not in shown
