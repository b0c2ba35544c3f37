"""What a workspace holds: all that a learner needs, and nothing of theirs is overwritten."""

import os
import re
import shutil
from pathlib import Path

import pytest

from grader.course.catalog import Course, built_in_course
from grader.course.workspace import (
    WORKSPACE_FILE,
    create_workspace,
    file_in,
    put_stub_back,
    start_from,
)
from grader.errors import UsageError

COURSE = built_in_course()
TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspaces") / "mine"
    assert all(new for _, new in create_workspace(COURSE, folder))
    return folder


@pytest.mark.parametrize("kata", COURSE.katas, ids=lambda kata: kata.name)
def test_a_task_has_beside_it_whatever_it_refers_to(workspace: Path, kata) -> None:
    folder = workspace / kata.track / kata.short
    task = (folder / "README.md").read_text("utf-8")
    for name in ("answers.md", "rubric.toml"):
        assert (folder / name).is_file() == (kata.folder / name).is_file()
        assert (f"`{name}`" in task) == (folder / name).is_file()
    assert "docs/" not in task, "a workspace has no docs/"
    for page in re.findall(r"`(\w+/\w+\.md)`", task):
        assert (workspace / page).is_file(), page


def test_what_is_the_graders_own_stays_out(workspace: Path) -> None:
    own = {"checks.py", "picture.py", "kata.toml", "misconceptions.toml"}
    assert any((kata.folder / "picture.py").is_file() for kata in COURSE.katas)
    assert own.isdisjoint(path.name for path in workspace.rglob("*"))


def test_interview_tasks_bring_the_notation(workspace: Path) -> None:
    page = workspace / "interview" / "notation.md"
    assert page.read_bytes() == (COURSE.root / "katas/interview/notation.md").read_bytes()
    task = (workspace / "interview" / "q1_lstm_equations" / "README.md").read_text("utf-8")
    assert "`interview/notation.md`" in task


def test_a_page_of_the_learners_own_is_left_alone(tmp_path: Path) -> None:
    course, mine = tmp_path / "course", tmp_path / "mine"
    shutil.copytree(TOY, course)
    (course / "katas" / "toy" / "terms.md").write_text("the course's")
    page = mine / "toy" / "terms.md"
    assert dict(create_workspace(Course(course), mine))[page]
    page.write_text("my notes")
    assert not any(new for _, new in create_workspace(Course(course), mine))
    assert page.read_text() == "my notes"


@pytest.mark.parametrize("odd", ["a link to nothing", "a pipe", "a folder"])
def test_no_workspace_is_made_of_what_is_no_file(tmp_path: Path, odd: str) -> None:
    marker = tmp_path / "mine" / WORKSPACE_FILE
    marker.parent.mkdir()
    if odd == "a pipe":
        os.mkfifo(marker)
    elif odd == "a folder":
        marker.mkdir()
    else:
        marker.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"is a link|is no regular file"):
        list(create_workspace(COURSE, tmp_path / "mine"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_without_end_is_kept_and_not_read(tmp_path: Path) -> None:
    list(create_workspace(COURSE, tmp_path / "mine"))
    kata, other = COURSE.find("lstm_cell"), COURSE.find("lstm_layer")
    path = file_in(tmp_path / "mine", kata)
    with path.open("wb") as file:
        file.truncate(1 << 26)
    with pytest.raises(UsageError, match="is no answer"):
        start_from(other, kata, tmp_path / "mine")
    kept = put_stub_back(kata, tmp_path / "mine")
    assert kept is not None
    assert kept.stat().st_size == 1 << 26
    assert path.read_bytes() == kata.stub.read_bytes()
