"""Which file answers which kata: what is found where, and what is said when it is not."""

import os
from pathlib import Path

import pytest

from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.workspace import create_workspace, find_workspace
from grader.errors import AmbiguousError, NotFoundError, UsageError
from grader.submission.find import SubmissionFile, find_submissions
from grader.submission.read import read_submission


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
def test_a_submission_may_lie_in_several_places(
    three_katas: Course, tmp_path: Path, path: str
) -> None:
    place = hand_in(tmp_path / "in", path, "easy/notes.py", "README.md")
    [found] = find_submissions(three_katas, [], place, start=tmp_path)
    assert (found.kata.name, found.path) == ("easy/halve", place / path)
    assert find_submissions(three_katas, ["halve"], place, start=tmp_path) == [found]


def test_one_name_in_two_tracks_is_told_apart_by_the_folder(
    three_katas: Course, tmp_path: Path
) -> None:
    place = hand_in(tmp_path / "in", "easy/double.py", "hard/double/double.py")
    found = find_submissions(three_katas, [], place, start=tmp_path)
    assert {item.kata.name: item.path.relative_to(place).as_posix() for item in found} == {
        "easy/double": "easy/double.py",
        "hard/double": "hard/double/double.py",
    }


@pytest.mark.parametrize("second", ["easy/halve.py", "halve.ipynb", "katas/easy/halve/halve.py"])
def test_two_candidates_are_an_error_that_names_both(
    three_katas: Course, tmp_path: Path, second: str
) -> None:
    place = hand_in(tmp_path / "in", "halve.py", second)
    with pytest.raises(AmbiguousError) as caught:
        find_submissions(three_katas, ["halve"], place, start=tmp_path)
    assert str(place / "halve.py") in caught.value.message
    assert str(place / second) in caught.value.message


def test_the_workspace_comes_before_the_course(three_katas: Course, tmp_path: Path) -> None:
    [stub] = find_submissions(three_katas, ["halve"], None, start=three_katas.root / "solutions")
    assert stub.path == three_katas.root / "katas/easy/halve/halve.py"
    workspace = tmp_path / "mine"
    list(create_workspace(three_katas, workspace))
    deep = workspace / "easy" / "halve"
    assert find_workspace(deep) == workspace
    [found] = find_submissions(three_katas, ["halve"], None, start=deep)
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
    three_katas: Course, tmp_path: Path, asked: list[str], place: str, error: type, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    hand_in(tmp_path, "other.py", "double.py")
    with pytest.raises(error, match=message):
        find_submissions(three_katas, asked, tmp_path / place, start=tmp_path)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["halve", "other.py"], {"easy/halve": "other.py"}),
        (["other.py", "halve"], {"easy/halve": "other.py"}),
        (["halve", "mine/halve.py"], {"easy/halve": "mine/halve.py"}),
        (["halve", "mine/double.py"], None),  # two katas are called double
        (["hard/double", "mine/double.py"], {"hard/double": "mine/double.py"}),
        (["hard/double", "mine/halve.py"], {"easy/halve": "mine/halve.py", "hard/double": ""}),
    ],
)
def test_one_file_beside_one_kata_answers_it(
    three_katas: Course, tmp_path: Path, names: list[str], found: dict[str, str] | None
) -> None:
    """Unless it is named after another kata: then it answers that."""
    workspace = tmp_path / "work"
    list(create_workspace(three_katas, workspace))
    hand_in(workspace, "other.py", "mine/double.py", "mine/halve.py")
    if found is None:
        with pytest.raises(NotFoundError, match="is not named after a kata"):
            find_submissions(three_katas, names, None, start=workspace)
        return
    told = {
        one.kata.name: one.path
        for one in find_submissions(three_katas, names, None, start=workspace)
    }
    assert told.keys() == found.keys()
    assert all(told[name] == workspace / path for name, path in found.items() if path)


def test_no_link_is_followed_wherever_it_leads(three_katas: Course, tmp_path: Path) -> None:
    place = hand_in(tmp_path / "in", "answers/mine.py")
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    kata = three_katas.find("halve")
    inside, outside = place / "halve.py", place / "easy" / "halve.py"
    inside.symlink_to("answers/mine.py")
    outside.parent.mkdir()
    outside.symlink_to(tmp_path / "secret.py")
    for link in (inside, outside):
        read = read_submission(SubmissionFile(kata, link, place))
        assert read.source == b""
        assert read.problem == "halve.py is a link, or lies behind one; hand in the file itself"
    itself = SubmissionFile(kata, place / "answers" / "mine.py", place)
    assert (read_submission(itself).source, read_submission(itself).problem) == (b"x = 1\n", "")


def test_a_hard_link_is_refused_and_a_stub_of_the_course_is_not(kata: Kata, tmp_path: Path) -> None:
    other, link = tmp_path / "other.py", tmp_path / "lstm_cell.py"
    other.write_text("x = 1\n")
    os.link(other, link)
    read = read_submission(SubmissionFile(kata, link, tmp_path))
    assert read.source == b""
    assert read.problem.startswith("lstm_cell.py is a hard link")
    assert not read.unread
    other.unlink()
    assert read_submission(SubmissionFile(kata, link, tmp_path)).source == b"x = 1\n"
    # Installers link a package's files to their cache, the course's stubs among them.
    stub = Kata(kata.track, kata.short, tmp_path, kata.solutions, kata.groups)
    os.link(link, other)
    assert read_submission(SubmissionFile(stub, link, tmp_path)).source == b"x = 1\n"
