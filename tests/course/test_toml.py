"""Errors in a course's TOML files name the file and the line of the fault."""

from pathlib import Path

import pytest

from grader.course.misconceptions import read_misconceptions
from grader.course.rubric import read_rubric
from grader.course.spec import read_kata
from grader.errors import SpecError

ONE = """[[misconception]]
id = "one"
title = "One"
caught_by = "doubles"
message = "Why."
edits = [{ old = "a", new = "b" }]
"""
TWO = ONE.replace("one", "two")
KATA = 'title = "Double"\ndifficulty = 1\nminutes = 1\nhints = []\n'

BANKS = {
    "a field that is missing in the second": (
        ONE + TWO.replace('title = "One"\n', ""),
        "7: Object missing required field `title`",
    ),
    "an unknown key in the second": (
        ONE + TWO + 'titel = "Two"\n',
        "13: Object contains unknown field `titel`",
    ),
    "an unknown key that the first sets elsewhere": (
        ONE.replace("Why.", "old = new") + TWO.replace("old =", "olds ="),
        "12: Object contains unknown field `olds`",
    ),
    "a value of the wrong kind": (
        ONE + TWO.replace('title = "One"', "title = 2"),
        "9: Expected `str`, got `int`",
    ),
    "an edit in a table of its own": (
        ONE + '\n[[misconception]]\nid = "x"\ntitle = "x"\ncaught_by = "x"\nmessage = "x"\n'
        '[[misconception.edits]]\nold = "a"\nnew = "b"\n[[misconception.edits]]\nold = "a"\n',
        "16: Object missing required field `new`",
    ),
    "an unknown key at the top": ("more = 1\n" + ONE, "1: Object contains unknown field `more`"),
    "no TOML": (ONE + "[[", "7: is not TOML"),
}


@pytest.mark.parametrize(("text", "message"), BANKS.values(), ids=BANKS)
def test_misconceptions(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "misconceptions.toml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_misconceptions(path)
    assert caught.value.message.startswith(f"{path}:{message}")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("levels = 3\n", "5: Object contains unknown field `levels`"),
        ("[limits]\nwall_seconds = 3\n", "6: Object contains unknown field `wall_seconds`"),
        ("[limits]\nwall_s = 'long'\n", "6: Expected `float`, got `str`"),
    ],
)
def test_katas(tmp_path: Path, more: str, message: str) -> None:
    path = tmp_path / "kata.toml"
    path.write_text(KATA + more)
    with pytest.raises(SpecError) as caught:
        read_kata(path, {})
    assert caught.value.message.startswith(f"{path}:{message}")


def test_rubrics(tmp_path: Path) -> None:
    path = tmp_path / "rubric.toml"
    level = '[[criterion.levels]]\nname = "none"\npoints = 0\ndescription = "Nothing."\n'
    broken = level.replace("points = 0", 'points = "many"')
    path.write_text(
        f'[[criterion]]\nid = "why"\nsection = "Why"\nlooks_for = "A reason."\n{level}{broken}'
    )
    with pytest.raises(SpecError) as caught:
        read_rubric(path)
    assert caught.value.message.startswith(f"{path}:11: Expected `int`, got `str`")
