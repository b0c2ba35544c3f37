"""Where a learner's progress is kept."""

from pathlib import Path

import platformdirs
import pytest

from grader.course.progress import Progress
from grader.course.workspace import WORKSPACE_FILE


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
