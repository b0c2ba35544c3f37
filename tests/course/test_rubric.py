"""Rubrics and marks: the formats, and what is refused in which words."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.rubric import (
    Mark,
    MarkError,
    Rubric,
    State,
    answer_to,
    check_mark,
    decode_marks,
    encode_marks,
    fingerprint,
    read_rubric,
    sections,
    standings,
)
from grader.errors import SpecError

TEMPLATE = """\
# Answers

## Why two states?

> What does c do that h could not?

## When would you use which?

> Name a case for each.
"""

RUBRIC = """\
[[criterion]]
id = "two_states"
section = "Why two states?"
looks_for = "the linear path"

[[criterion.levels]]
name = "missing"
points = 0
description = "Nothing, or beside the point."

[[criterion.levels]]
name = "named"
points = 2
description = "Says that c carries the gradient."

[[criterion]]
id = "choice"
section = "When would you use which?"
looks_for = "a reason for each"

[[criterion.levels]]
name = "no"
points = 0
description = "None."

[[criterion.levels]]
name = "yes"
points = 1
description = "One."
"""

ANSWERED = TEMPLATE.replace(
    "> What does c do that h could not?", "> What does c do that h could not?\n\nIt adds.\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "answers.md").write_text(TEMPLATE)
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    return tmp_path


@pytest.fixture
def rubric(folder: Path) -> Rubric:
    return read_rubric(folder / "rubric.toml")


def mark(**changes: object) -> Mark:
    fields = {
        "submission": "ada",
        "kata": "interview/q1_lstm_equations",
        "criterion": "two_states",
        "level": "named",
        "points": 2.0,
        "marker": "grace",
    }
    return Mark(**{**fields, **changes})


def test_a_rubric_is_read(rubric: Rubric) -> None:
    assert [item.id for item in rubric.criterion] == ["two_states", "choice"]
    assert rubric.max_points == 3
    criterion = rubric.find("two_states")
    assert criterion is not None
    assert criterion.level("named") == criterion.levels[1]
    assert criterion.level("brilliant") is None


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("[[criterion]]", "[[criterion", "is not TOML", 1),
        ("points = 2", "points = 'two'", "Expected `int`", None),
        ("looks_for", "looksfor", "looksfor", 4),
        ('id = "two_states"', 'id = "Two states"', "small letters", 2),
        ('id = "choice"', 'id = "two_states"', "there twice", 2),
        ('section = "Why two states?"', 'section = "Why?"', "no heading `## Why?`", 2),
        ('looks_for = "the linear path"', 'looks_for = " "', "`looks_for` is empty", 2),
        ('name = "named"', 'name = "missing"', "two levels have one name", 2),
        ("points = 2", "points = 0", "worth 0, 0: expected 0 first", 2),
        ("points = 0", "points = 1", "worth 1, 2: expected 0 first", 2),
        ('description = "One."', 'description = ""', "needs a name and a description", 17),
    ],
)
def test_a_broken_rubric_says_what_and_where(
    folder: Path, old: str, new: str, says: str, line: int | None
) -> None:
    path = folder / "rubric.toml"
    path.write_text(RUBRIC.replace(old, new, 1))
    with pytest.raises(SpecError) as caught:
        read_rubric(path)
    assert says in str(caught.value)
    if line is not None:
        assert str(caught.value).startswith(f"{path}:{line}:")


def test_one_level_is_no_scale(folder: Path) -> None:
    path = folder / "rubric.toml"
    path.write_text(RUBRIC.rpartition("[[criterion.levels]]")[0])
    with pytest.raises(SpecError, match="1 levels, expected at least 2"):
        read_rubric(path)


def test_no_criterion_is_no_rubric(folder: Path) -> None:
    path = folder / "rubric.toml"
    path.write_text("criterion = []")
    with pytest.raises(SpecError, match="at least one"):
        read_rubric(path)


def test_a_heading_that_nobody_reads_is_an_error(folder: Path) -> None:
    (folder / "answers.md").write_text(TEMPLATE + "\n## More\n")
    with pytest.raises(SpecError, match=r"answers\.md:11: the heading 'More' is read by no"):
        read_rubric(folder / "rubric.toml")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_missing_or_unreadable_template_is_an_error(folder: Path, content: bytes | None) -> None:
    path = folder / "answers.md"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(SpecError, match="cannot be read"):
        read_rubric(folder / "rubric.toml")


def test_sections_are_what_stands_below_a_heading() -> None:
    text = "intro\r\n## One ##\r\n\r\na\r\n### Deeper\r\nb\r\n## Two\n## One\nc"
    assert sections(text) == {"One": "a\n### Deeper\nb\nc", "Two": ""}


@pytest.mark.parametrize(
    "text",
    ["## a" + " " * 900_000 + "b", "## " + "# " * 400_000 + "b", "## a\nb\n" * 130_000],
    ids=["blanks", "signs", "headings"],
)
def test_a_hostile_text_is_divided_in_a_time_that_grows_with_it(text: str) -> None:
    began = time.process_time()
    sections(text)
    assert time.process_time() - began < 5


def test_an_answer_is_what_the_learner_added() -> None:
    assert answer_to("Why two states?", ANSWERED, TEMPLATE) == "It adds."
    assert answer_to("Why two states?", TEMPLATE + "  \n", TEMPLATE) == ""
    assert answer_to("When would you use which?", ANSWERED, TEMPLATE) == ""
    assert answer_to("Why two states?", "no headings", TEMPLATE) == ""


@given(st.text())
def test_any_text_has_sections_and_a_fingerprint(text: str) -> None:
    assert all("\n## " not in f"\n{body}" for body in sections(text).values())
    assert fingerprint(text) == fingerprint(f"  {text}\n")


def test_where_a_submission_stands(rubric: Rubric) -> None:
    def states(answers: str, *marks: Mark) -> list[State]:
        return [standing.state for standing in standings(rubric, answers, TEMPLATE, marks)]

    assert states("") == [State.UNANSWERED, State.UNANSWERED]
    assert states(ANSWERED) == [State.WAITING, State.UNANSWERED]
    assert states(ANSWERED, mark()) == [State.MARKED, State.UNANSWERED]
    read = mark(answer=fingerprint("It adds."))
    assert states(ANSWERED, read) == [State.MARKED, State.UNANSWERED]
    assert states(ANSWERED.replace("adds", "multiplies"), read)[0] is State.CHANGED


def test_the_later_mark_counts(rubric: Rubric) -> None:
    marks = [mark(level="missing", points=0), mark()]
    assert standings(rubric, ANSWERED, TEMPLATE, marks)[0].mark == marks[1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"criterion": "style"}, "there is no criterion 'style'; there are: two_states, choice"),
        ({"level": "great"}, "two_states has no level 'great'; it has: missing, named"),
        ({"points": 3.0}, "0 to 2 points, not 3.0"),
        ({"points": -1.0}, "0 to 2 points"),
        ({"points": float("nan")}, "0 to 2 points"),
        ({"points": 1.0}, "say in the comment why"),
        ({"comment": "x" * 20_000}, "at most 16,384 characters"),
    ],
)
def test_a_mark_that_does_not_fit_is_refused(
    rubric: Rubric, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(MarkError) as caught:
        check_mark(rubric, mark(**changes))
    assert says in str(caught.value)


def test_a_mark_that_fits(rubric: Rubric) -> None:
    check_mark(rubric, mark())
    check_mark(rubric, mark(points=1.0, comment="Half of it."))


texts = st.text(max_size=20)
marks = st.builds(
    Mark,
    submission=texts,
    kata=texts,
    criterion=texts,
    level=texts,
    points=st.floats(0, 100),
    comment=texts,
    marker=texts,
    answer=texts,
)


@given(st.lists(marks, max_size=5))
def test_marks_written_are_read_back(given_marks: list[Mark]) -> None:
    assert decode_marks(encode_marks(given_marks), source=Path("marks.jsonl")) == given_marks


@pytest.mark.parametrize("line", [b"{}", b"[1]", b"\xff", b'{"submission": "ada", "x": 1}', b"nul"])
def test_a_line_that_is_no_mark_is_named(line: bytes) -> None:
    data = encode_marks([mark()]) + b"\n" + line
    with pytest.raises(SpecError, match=r"marks\.jsonl:3: is no mark"):
        decode_marks(data, source=Path("marks.jsonl"))
