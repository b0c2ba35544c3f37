"""`kata new`: which names it takes, and what it leaves alone."""

from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.course.stubs import generated_stub
from grader.course.template import marks_in, new_kata
from grader.errors import UsageError


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "katas").mkdir()
    return Course(tmp_path)


def files_below(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_it_makes_both_folders_and_nothing_central(course: Course) -> None:
    written = new_kata(course, "toy/doubled")
    assert files_below(course.root) == {
        "katas/toy/doubled/README.md",
        "katas/toy/doubled/checks.py",
        "katas/toy/doubled/doubled.py",
        "katas/toy/doubled/example.py",
        "katas/toy/doubled/kata.toml",
        "solutions/toy/doubled/doubled.py",
        "solutions/toy/doubled/misconceptions.toml",
    }
    assert {path.relative_to(course.root).as_posix() for path in written} == files_below(
        course.root
    )
    assert (course.root / "solutions/toy/doubled/alternatives").is_dir()
    kata = Course(course.root).find("doubled")
    assert kata.stub.read_text() == generated_stub(kata.solution)
    assert "raise NotImplementedError" in kata.stub.read_text()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "doubled",
        "/doubled",
        "toy/",
        "toy/Doubled",
        "toy/doubled/more",
        "toy/dou bled",
        "../doubled",
        "toy/..",
        "toy/2doubled",
        "toy/dou-bled",
        "toy/doubled\n",
        "toy/ｄoubled",
    ],
)
def test_a_bad_name_is_refused(course: Course, name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a kata"):
        new_kata(course, name)
    assert files_below(course.root) == set()


@pytest.mark.parametrize("name", ["class", "math", "torch", "numpy", "grader", "checks"])
def test_a_name_that_would_stand_before_a_module_is_refused(course: Course, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a kata's name"):
        new_kata(course, f"toy/{name}")
    assert files_below(course.root) == set()


@pytest.mark.parametrize("top", ["katas", "solutions"])
def test_what_is_there_is_left_alone(course: Course, top: str) -> None:
    (course.root / top / "toy" / "doubled").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"doubled is there already"):
        new_kata(course, "toy/doubled")
    assert files_below(course.root) == set()


def test_a_course_that_cannot_be_written_is_told(course: Course) -> None:
    (course.root / "solutions").write_text("a file\n")
    with pytest.raises(UsageError, match=r"cannot be written: "):
        new_kata(course, "toy/doubled")


def test_marks() -> None:
    text = "a [Write the task here: all of it] b [Write here] c\n[Write nothing]\n[x] here\n"
    assert list(marks_in(text)) == [
        (1, "[Write the task here: all of it]"),
        (1, "[Write here]"),
    ]
