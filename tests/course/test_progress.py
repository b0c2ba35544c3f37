"""Where a learner's progress is kept."""

import os
from pathlib import Path

import platformdirs
import pytest

from grader.course.progress import Progress
from grader.course.workspace import WORKSPACE_FILE


@pytest.mark.parametrize("odd", ["a pipe", "a link", "a folder", "a link to a device"])
def test_a_strangers_progress_file_is_not_waited_for_and_leads_nowhere(tmp_path, odd: str) -> None:
    (tmp_path / WORKSPACE_FILE).write_text("")
    (tmp_path / "mine").write_text("precious")
    path = tmp_path / ".kata" / "progress.json"
    path.parent.mkdir()
    if odd == "a pipe":
        os.mkfifo(path)
    elif odd == "a folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if "device" in odd else tmp_path / "mine")
    kept = Progress(tmp_path)
    assert kept.katas == {}
    assert kept.save() == odd.startswith("a link")
    assert (tmp_path / "mine").read_text() == "precious"


def test_the_state_folder_that_is_named_holds_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    progress = Progress(tmp_path)
    assert progress.path == tmp_path / "state" / "tensor-katas" / "progress.json"
    progress.of("toy/double").seen_hints = (2, 1)
    assert progress.save()
    assert Progress(tmp_path).of("toy/double").seen_hints == (2, 1)


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_name_it_is_the_users_own(tmp_path: Path, monkeypatch, value) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("XDG_STATE_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    wanted = platformdirs.user_state_path("tensor-katas", appauthor=False)
    assert Progress(tmp_path).path == wanted / "progress.json"
    assert wanted.is_relative_to(tmp_path)


def test_a_workspace_keeps_its_own(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / WORKSPACE_FILE).write_text("")
    (tmp_path / "lstm").mkdir()
    assert Progress(tmp_path / "lstm").path == tmp_path / ".kata" / "progress.json"
