"""A course is data: its `course.toml` gives title, tracks, order and groups of forbidden names, and
what is wrong in it is told with file and line. The toy course shows that the engine knows no other.
"""

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import grader
from grader.course.catalog import Course, built_in_course
from grader.course.spec import CourseSpec, TrackSpec, read_course
from grader.errors import SpecError
from grader.judge.grader import Grader
from grader.wire import Forbidden

ENGINE = Path(grader.__file__).parent
TOY = Path(__file__).parents[1] / "toy"

KATA = 'title = "A kata"\ndifficulty = {difficulty}\nminutes = 1\nhints = []\nafter = [{after}]\n'

GOOD = """\
title = "Numbers"
order = [
    "hard/double_again",
    "easy/halve",
]

[[track]]
name = "hard"
title = "Harder ones"

[[track]]
name = "easy"
title = "Easy ones"

[forbidden.shifts]
names = ["operator.lshift"]
modules = ["ctypes"]
"""


@pytest.fixture
def written(add_kata, tmp_path: Path) -> Callable[[str], Course]:
    """A course of five katas with this `course.toml`."""
    root = tmp_path / "course"
    add_kata(root, "easy/double", difficulty=2)
    add_kata(root, "easy/halve", difficulty=3, after='"easy/double"')
    add_kata(root, "hard/double_again", difficulty=1)
    add_kata(root, "hard/double_back", difficulty=1)
    add_kata(root, "another/kata")

    def written(text: str) -> Course:
        (root / "katas" / "course.toml").write_text(text)
        return Course(root)

    return written


def names(course: Course) -> list[str]:
    return [kata.name for kata in course.katas]


# -- what is right ---------------------------------------------------------------------------------


def test_a_course_toml_is_read(written) -> None:
    assert written(GOOD).spec == CourseSpec(
        title="Numbers",
        order=("hard/double_again", "easy/halve"),
        track=(TrackSpec("hard", "Harder ones"), TrackSpec("easy", "Easy ones")),
        forbidden={"shifts": Forbidden(("operator.lshift",), modules=("ctypes",))},
    )


def test_the_order_comes_first_then_tracks_and_difficulty(written) -> None:
    assert names(written(GOOD)) == [
        "hard/double_again",  # as it is asked for,
        "easy/double",  # but each behind those that it comes after,
        "easy/halve",
        "hard/double_back",  # then the tracks in their order,
        "another/kata",  # then those that nobody named
    ]


def test_without_a_course_toml_the_alphabet_is_the_order(written) -> None:
    course = written("")
    course.spec_file.unlink()
    assert Course(course.root).spec == CourseSpec()
    assert names(Course(course.root)) == [
        "another/kata",
        "easy/double",
        "easy/halve",
        "hard/double_again",
        "hard/double_back",
    ]


def test_a_courses_groups_come_beside_those_of_the_built_in_one(written) -> None:
    own, shared = written(GOOD).groups, built_in_course().groups
    assert {name: group for name, group in own.items() if name != "shifts"} == shared
    assert own["shifts"].names == ("operator.lshift",)
    [again] = written('[forbidden.torch]\nnames = ["numpy"]\n').groups.items() - own.items()
    assert again == ("torch", Forbidden(("numpy",))), "its own word counts"


def test_a_kata_may_forbid_a_group_of_its_course(written) -> None:
    course = written(GOOD)
    path = course.root / "katas/easy/double/kata.toml"
    path.write_text(
        KATA.format(difficulty=1, after="")
        + '[forbidden]\ngroups = ["shifts"]\nnames = ["math.prod"]\n'
    )
    forbidden = course.find("easy/double").forbidden
    assert forbidden == Forbidden(("operator.lshift", "math.prod"), modules=("ctypes",))


# -- what is wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('title = "Numbers"', 'titel = "Numbers"', 1, "unknown field `titel`"),
        ('title = "Numbers"', "title = 3", 1, "Expected `str`, got `int`"),
        ('"easy/halve"', "7", 2, "Expected `str`, got `int` (at `$.order["),
        ('title = "Easy ones"', 'name_ = "Easy ones"', 13, "unknown field `name_`"),
        ('title = "Easy ones"\n', "", None, "missing required field `title`"),
        ('name = "easy"', 'name = "../easy"', 12, "Expected `str` matching regex"),
        ('name = "easy"', 'name = "Easy"', 12, "Expected `str` matching regex"),
        ('name = "easy"', 'name = "eas"', 12, "the track `eas` has no folder "),
        ('name = "hard"', 'name = "double"', 8, "the track `double` has no folder "),
        ('name = "easy"', 'name = "hard"', 12, "`hard` is there twice"),
        ('"easy/halve"', '"hard/double_again"', 4, "`hard/double_again` is there twice"),
        ("modules =", "module =", 17, "unknown field `module`"),
        ("[forbidden.shifts]", "[forbidden]", 15, "Expected `object`, got `array`"),
        ("order = [", "order = [[", 7, "is not TOML"),
        ("[[track]]", "[[track]", 7, "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(
    written, old: str, new: str, line: int | None, message: str
) -> None:
    assert old in GOOD
    course = written(GOOD.replace(old, new, 1))
    with pytest.raises(SpecError) as caught:
        _ = course.katas
    path = course.spec_file
    assert message in caught.value.message
    if line is not None:
        assert caught.value.line == line
    assert caught.value.message.startswith(f"{path}:{caught.value.line}: ")


def test_an_unknown_kata_in_the_order_is_told_with_the_nearest(written) -> None:
    course = written(GOOD.replace('"hard/double_again"', '"hard/double"'))
    with pytest.raises(SpecError) as caught:
        _ = course.katas
    assert caught.value.path == course.spec_file
    assert caught.value.line == 3
    assert "`hard/double` names no kata of this course; write `track/kata`" in str(caught.value)
    assert caught.value.advice.startswith("Did you mean hard/double")
    with pytest.raises(SpecError) as caught:
        _ = written('order = ["%"]\n').katas
    assert (caught.value.line, caught.value.advice) == (1, "")


def test_an_unknown_kata_in_after_is_told_with_the_nearest(written) -> None:
    course = written(GOOD)
    path = course.root / "katas/hard/double_again/kata.toml"
    path.write_text(KATA.format(difficulty=1, after='"easy/dobule"'))
    with pytest.raises(SpecError) as caught:
        _ = course.katas
    assert (caught.value.path, caught.value.line) == (path, 5)
    assert "`easy/dobule` names no kata of this course" in caught.value.message
    assert caught.value.advice == "Did you mean easy/double?"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title = '\xff'", "is not UTF-8 text (byte 9)"),
        (b"#" * (1 << 19), "is larger than"),
    ],
)
def test_files_that_are_no_text(written, content: bytes, message: str) -> None:
    path = written("").spec_file
    path.write_bytes(content)
    with pytest.raises(SpecError, match=str(path)) as caught:
        read_course(path)
    assert message in caught.value.message


@pytest.mark.parametrize("argv", [["list"], ["list", "--json"], ["next"], ["show", "double"]])
def test_commands_tell_a_broken_course_toml_with_file_and_line(command, written, argv) -> None:
    course = written(GOOD.replace("title =", "titel =", 1))
    assert command(*argv, "--course", course.root) == 3
    assert f"kata: {course.spec_file}:1: Object contains unknown field `titel`" in command.err
    assert command.out == ""


# -- the engine knows no course --------------------------------------------------------------------


def test_no_track_or_kata_of_the_course_is_named_in_the_engine() -> None:
    course = built_in_course()
    words = [*(kata.name for kata in course.katas), *(t.title for t in course.spec.track)]
    for path in ENGINE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said
        ]
        assert [word for word in words if any(word in text for text in texts)] == [], path


@pytest.fixture
def toy(tmp_path: Path) -> Course:
    root = shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns("__pycache__"))
    return Course(root)


def test_the_toy_course_has_a_title_a_track_and_a_group_of_its_own(toy: Course) -> None:
    assert names(toy) == ["toy/double"]
    assert toy.spec.title == "Toys"
    assert [track.name for track in toy.spec.track] == ["toy"]
    assert {*toy.groups} - {*built_in_course().groups} == {"multiplying"}


def test_what_a_course_forbids_is_forbidden(toy: Course, sandbox) -> None:
    grader = Grader(toy, sandbox)
    [kata] = toy.katas
    source = b"import operator\n\ndef double(x):\n    return operator.mul(2, x)\n"
    verdict = grader.attempt_source(kata, source).verdict()
    assert (verdict.status, verdict.points) == ("FORBIDDEN", 0)
    assert "It uses operator.mul (line 4), which this kata does not allow" in verdict.message
    assert "Doubling is what is asked." in verdict.message
    assert grader.attempt_source(kata, kata.solution.read_bytes()).verdict().status == "PASSED"
    grader.close()


def test_every_command_speaks_of_the_toy_course_alone(command, toy: Course, tmp_path: Path) -> None:
    def said(*argv: str | Path, code: int = 0) -> str:
        assert command(*argv, "--course", toy.root) == code
        return command.out

    listed = said("list")
    assert "Things to play with" in listed
    assert "0 of 1 passed" in listed
    assert "toy/double: Double" in said("next")
    assert "This kata is a toy" in said("show", "double")
    assert "Hint 1 of 3: Look at the sign." in said("hint", "double")
    said("init", tmp_path / "mine")
    [stub] = (tmp_path / "mine").rglob("*.py")
    assert stub == tmp_path / "mine/toy/double/double.py"
    assert stub.read_bytes() == toy.find("double").stub.read_bytes()
    assert "passed 3/3" in said("check", "--submission", toy.find("double").solution)
    wrong = toy.find("double").solutions / "misconceptions" / "tripled.py"
    shown = said("check", "double", "--submission", wrong, code=1)
    assert "Which mistake it is: Three times" in shown
    assert "kata replay toy/double doubles --seed 0" in shown
