"""Courses, katas and submissions: what is found where, and what is said when it is not."""

from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.submission.find import SubmissionFile, find_submissions
from grader.course.workspace import create_workspace, find_workspace
from grader.submission.read import read_submission
from grader.errors import AmbiguousError, NotFoundError, SpecError, UsageError


def add_kata(root: Path, name: str, *, after: str = "", difficulty: int = 1) -> None:
    folder = root / "katas" / name
    folder.mkdir(parents=True)
    (folder / "kata.toml").write_text(
        f'title = "{name}"\ndifficulty = {difficulty}\nminutes = 1\nhints = []\nafter = [{after}]\n'
    )
    short = folder.name
    (folder / f"{short}.py").write_text(f"def {short}(x): raise NotImplementedError\n")
    (folder / "README.md").write_text(f"# {name}\n")
    (folder / "checks.py").write_text("raise RuntimeError('the catalog runs nothing')\n")


@pytest.fixture
def toy(tmp_path: Path) -> Course:
    root = tmp_path / "course"
    add_kata(root, "easy/double", difficulty=1)
    add_kata(root, "easy/halve", difficulty=2, after='"hard/double"')
    add_kata(root, "hard/double", difficulty=5)
    return Course(root)


def names(course: Course) -> list[str]:
    return [kata.name for kata in course.katas]


def test_katas_come_after_those_that_they_name(toy: Course) -> None:
    assert names(toy) == ["easy/double", "hard/double", "easy/halve"]


def test_a_circle_is_told(toy: Course) -> None:
    add_kata(toy.root, "hard/one", after='"hard/two"')
    add_kata(toy.root, "hard/two", after='"hard/one"')
    with pytest.raises(SpecError, match="hard/one -> hard/two -> hard/one"):
        names(Course(toy.root))


@pytest.mark.parametrize(
    "name", ["easy/halve", "halve", "katas/easy/halve/", "./easy/halve", " halve "]
)
def test_a_kata_is_found_by_its_name(toy: Course, name: str) -> None:
    assert toy.find(name).name == "easy/halve"


def test_an_ambiguous_name_names_both(toy: Course) -> None:
    with pytest.raises(AmbiguousError, match="easy/double or hard/double"):
        toy.find("double")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("havle", "Did you mean halve"),
        ("easy/duble", "Did you mean easy/double"),
        ("?", "kata list"),
    ],
)
def test_a_wrong_name_suggests_right_ones(toy: Course, name: str, advice: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        toy.find(name)
    assert repr(name) in caught.value.message
    assert advice in caught.value.advice


def test_a_folder_without_katas_is_no_course(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no folder `katas`"):
        Course(tmp_path)


def hand_in(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x = 1\n")
    return folder


@pytest.mark.parametrize(
    "path",
    [
        "halve.py",
        "halve.ipynb",
        "easy/halve.py",
        "easy/halve/halve.py",
        "katas/easy/halve/halve.py",
    ],
)
def test_a_submission_may_lie_in_several_places(toy: Course, tmp_path: Path, path: str) -> None:
    place = hand_in(tmp_path / "in", path, "easy/notes.py", "README.md")
    [found] = find_submissions(toy, [], place, start=tmp_path)
    assert (found.kata.name, found.path) == ("easy/halve", place / path)
    assert find_submissions(toy, ["halve"], place, start=tmp_path) == [found]


def test_one_name_in_two_tracks_is_told_apart_by_the_folder(toy: Course, tmp_path: Path) -> None:
    place = hand_in(tmp_path / "in", "easy/double.py", "hard/double/double.py")
    found = find_submissions(toy, [], place, start=tmp_path)
    assert {item.kata.name: item.path.relative_to(place).as_posix() for item in found} == {
        "easy/double": "easy/double.py",
        "hard/double": "hard/double/double.py",
    }


@pytest.mark.parametrize("second", ["easy/halve.py", "halve.ipynb", "katas/easy/halve/halve.py"])
def test_two_candidates_are_an_error_that_names_both(
    toy: Course, tmp_path: Path, second: str
) -> None:
    place = hand_in(tmp_path / "in", "halve.py", second)
    with pytest.raises(AmbiguousError) as caught:
        find_submissions(toy, ["halve"], place, start=tmp_path)
    assert str(place / "halve.py") in caught.value.message
    assert str(place / second) in caught.value.message


def test_the_workspace_comes_before_the_course(toy: Course, tmp_path: Path) -> None:
    [stub] = find_submissions(toy, ["halve"], None, start=tmp_path)
    assert stub.path == toy.root / "katas/easy/halve/halve.py"
    workspace = tmp_path / "mine"
    list(create_workspace(toy, workspace))
    deep = workspace / "easy" / "halve"
    assert find_workspace(deep) == workspace
    [found] = find_submissions(toy, ["halve"], None, start=deep)
    assert found.path == deep / "halve.py"


@pytest.mark.parametrize(
    ("asked", "place", "error", "message"),
    [
        ([], "gone", NotFoundError, "gone does not exist"),
        (["halve"], "empty", NotFoundError, "holds no submission for easy/halve"),
        ([], "empty", NotFoundError, "holds no submission for any kata"),
        ([], "other.py", NotFoundError, "other.py is not named after a kata"),
        ([], "double.py", NotFoundError, "double.py is not named after a kata"),
        (["halve", "hard/double"], "other.py", UsageError, "one file cannot answer 2 katas"),
    ],
)
def test_what_is_not_there_is_told(
    toy: Course, tmp_path: Path, asked: list[str], place: str, error: type, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    hand_in(tmp_path, "other.py", "double.py")
    with pytest.raises(error, match=message):
        find_submissions(toy, asked, tmp_path / place, start=tmp_path)


def test_a_workspace_never_overwrites(toy: Course, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert all(new for _, new in create_workspace(toy, folder))
    mine = folder / "easy/halve/halve.py"
    mine.write_text("my answer\n")
    (folder / "easy/halve/README.md").unlink()
    again = {
        path.relative_to(folder).as_posix(): new for path, new in create_workspace(toy, folder)
    }
    assert [path for path, new in again.items() if new] == ["easy/halve/README.md"]
    assert mine.read_text() == "my answer\n"


def test_a_workspace_follows_no_link_and_lies_outside_the_course(
    toy: Course, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="lies inside the course"):
        list(create_workspace(toy, toy.root / "katas" / "mine"))
    folder, victim = tmp_path / "mine", tmp_path / "victim.py"
    (folder / "easy/halve").mkdir(parents=True)
    (folder / "easy/halve/halve.py").symlink_to(victim)  # dangling
    list(create_workspace(toy, folder))
    assert not victim.exists()


def test_a_link_may_point_inside_the_folder_and_not_out(toy: Course, tmp_path: Path) -> None:
    place = hand_in(tmp_path / "in", "answers/mine.py")
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    kata = toy.find("halve")
    inside, outside = place / "halve.py", place / "easy" / "halve.py"
    inside.symlink_to("answers/mine.py")
    outside.parent.mkdir()
    outside.symlink_to(tmp_path / "secret.py")
    read = read_submission(SubmissionFile(kata, inside, place))
    assert (read.source, read.problem) == (b"x = 1\n", "")
    read = read_submission(SubmissionFile(kata, outside, place))
    assert read.source == b""
    assert read.problem == "halve.py is a link that leads out of the submission's folder"
