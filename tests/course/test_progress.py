"""Where a learner's progress is kept."""

import os
from pathlib import Path

import platformdirs
import pytest

from grader.course.catalog import built_in_course
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


def test_a_strangers_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / WORKSPACE_FILE).write_text("")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "progress.json").write_text('{"toy/double": {"status": "PASSED"}}')
    (tmp_path / ".kata").symlink_to("mine")
    kept = Progress(tmp_path)
    assert (kept.passed, kept.save()) == (set(), False)
    assert "PASSED" in (tmp_path / "mine" / "progress.json").read_text()


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


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"a": {"b": ' + b"[" * 100_000,
        b'{"\xff": {}}',
        b'{"a": {"points": 1e999}}',
        b'{"lstm/lstm_cell": {"status": "PASSED\\u001b[2J"}}',
        b'{"a": {"seen_hints": [99999999999999999999999]}}',
    ],
)
def test_whatever_a_stranger_wrote_into_it_counts_as_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / WORKSPACE_FILE).write_text("")
    (tmp_path / ".kata").mkdir()
    (tmp_path / ".kata" / "progress.json").write_bytes(data)
    assert Progress(tmp_path).passed == set()


def test_hints_that_there_are_not_were_never_seen(tmp_path: Path) -> None:
    (tmp_path / WORKSPACE_FILE).write_text("")
    (tmp_path / ".kata").mkdir()
    (tmp_path / ".kata" / "progress.json").write_text(
        '{"lstm/lstm_cell": {"seen_hints": [1, -3, 999], "failing": "no check"}}'
    )
    kata = built_in_course().find("lstm/lstm_cell")
    given = Progress(tmp_path).give_hint(kata)
    assert given is not None
    assert given.number == 2
