"""A line that does not parse is shown with a mark under the place."""

import io

import pytest
from rich.console import Console

from grader.present.report import Writer
from grader.verdict import Location, Suspect


def shown(location: Location, width: int = 80) -> list[str]:
    out = io.StringIO()
    Writer(Console(file=out, width=width)).location(location, indent=2)
    return out.getvalue().splitlines()


def test_the_mark_stands_under_its_column() -> None:
    source = "    return (2 * x"
    _, line, mark = shown(Location("a.py", 2, "", source, source.index("(") + 1))
    assert mark.index("^") == line.index("(")


def test_wide_letters_count_twice() -> None:
    _, line, mark = shown(Location("a.py", 1, "", "\u6570 = 3 \u6570", 5))
    assert mark.index("^") == line.index("3") + 1


@pytest.mark.parametrize(
    "location",
    [
        Location("a.py", 1, "", "x = (", 0),
        Location("a.py", 1, "", "x" * 100, 50),
        Location("a.py", 1, "", "", 0),
    ],
)
def test_without_a_place_or_room_there_is_no_mark(location: Location) -> None:
    assert not any("^" in line for line in shown(location))


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("def double(x:\n    return 2\n", 1, 11), ("def double(x):\n    return 2 +* x\n", 2, 11)],
)
def test_a_syntax_error_has_its_column(grade, source: str, line: int, column: int) -> None:
    location = grade(source).location
    assert location is not None
    assert (location.line, location.column) == (line, column)


def test_a_suspect_is_marked_from_end_to_end() -> None:
    source = "c = f * c + i * g"
    first = source.index("i * g") + 1
    suspect = Suspect("a.py", 7, source, first, first + 5, "mul", ("i", "g"))
    out = io.StringIO()
    Writer(Console(file=out, width=80)).suspect(suspect)
    place, line, mark, words = out.getvalue().splitlines()
    assert place.strip() == "The first wrong value: a.py:7"
    assert line[mark.index("^") : mark.rindex("^") + 1] == "i * g"
    assert (
        words.strip()
        == "What goes in (i and g) is met in right answers too; what comes out is not."
    )


WORDS = {
    "of a value": (Suspect("a.py", 7), "The first wrong value", "What goes in is met"),
    "of an answer": (
        Suspect("a.py", 7, known=("c",), returned=True),
        "The first wrong answer",
        "This (c) is met in right answers too, but it is not the answer here.",
    ),
    "of a gradient": (
        Suspect("a.py", 7, backward=True),
        "The first wrong gradient",
        "the gradient that comes back here is not",
    ),
    "of a change": (
        Suspect("a.py", 7, alone=True),
        "Where it goes wrong",
        "A small change in this place alone",
    ),
}


@pytest.mark.parametrize(("suspect", "headline", "words"), WORDS.values(), ids=WORDS)
def test_a_suspect_says_what_is_right_up_to_there(
    suspect: Suspect, headline: str, words: str
) -> None:
    assert suspect.headline == headline
    assert words in suspect.said


def test_a_suspect_of_a_secret_seed_is_a_line_alone() -> None:
    out = io.StringIO()
    Writer(Console(file=out, width=80)).suspect(Suspect("a.py", 7))
    assert out.getvalue().split() == ["The", "first", "wrong", "value:", "a.py:7"]
