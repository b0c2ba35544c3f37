"""Courses, katas and workspaces: what is found where, and what is said when it is not."""

from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.course.workspace import create_workspace
from grader.errors import AmbiguousError, NotFoundError, SpecError, UsageError


def names(course: Course) -> list[str]:
    return [kata.name for kata in course.katas]


def test_katas_come_after_those_that_they_name(three_katas: Course) -> None:
    assert names(three_katas) == ["easy/double", "hard/double", "easy/halve"]


def test_a_circle_is_told(three_katas: Course, add_kata) -> None:
    add_kata(three_katas.root, "hard/one", after='"hard/two"')
    add_kata(three_katas.root, "hard/two", after='"hard/one"')
    with pytest.raises(SpecError, match="hard/one -> hard/two -> hard/one"):
        names(Course(three_katas.root))


@pytest.mark.parametrize(
    "name", ["easy/halve", "halve", "katas/easy/halve/", "./easy/halve", " halve "]
)
def test_a_kata_is_found_by_its_name(three_katas: Course, name: str) -> None:
    assert three_katas.find(name).name == "easy/halve"


def test_an_ambiguous_name_names_both(three_katas: Course) -> None:
    with pytest.raises(AmbiguousError, match="easy/double or hard/double"):
        three_katas.find("double")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("havle", "Did you mean halve"),
        ("easy/duble", "Did you mean easy/double"),
        ("?", "kata list"),
    ],
)
def test_a_wrong_name_suggests_right_ones(three_katas: Course, name: str, advice: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        three_katas.find(name)
    assert repr(name) in caught.value.message
    assert advice in caught.value.advice


def test_a_folder_without_katas_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no folder `katas`"):
        Course(tmp_path)


def test_a_workspace_never_overwrites(three_katas: Course, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert all(new for _, new in create_workspace(three_katas, folder))
    mine = folder / "easy/halve/halve.py"
    mine.write_text("my answer\n")
    (folder / "easy/halve/README.md").unlink()
    again = {
        path.relative_to(folder).as_posix(): new
        for path, new in create_workspace(three_katas, folder)
    }
    assert [path for path, new in again.items() if new] == ["easy/halve/README.md"]
    assert mine.read_text() == "my answer\n"


def test_a_workspace_follows_no_link_and_lies_outside_the_course(
    three_katas: Course, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="lies inside the course"):
        list(create_workspace(three_katas, three_katas.root / "katas" / "mine"))
    folder, victim = tmp_path / "mine", tmp_path / "victim.py"
    (folder / "easy/halve").mkdir(parents=True)
    (folder / "easy/halve/halve.py").symlink_to(victim)  # dangling
    list(create_workspace(three_katas, folder))
    assert not victim.exists()
