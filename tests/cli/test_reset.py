"""`kata reset` and `kata diff`: the stub comes back, and no work is ever lost."""

import os
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace

COURSE = built_in_course()
KATA = COURSE.find("lstm/lstm_cell")
STUB = KATA.stub.read_bytes()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's file of lstm_cell in a new workspace, in which one stands."""
    workspace = tmp_path / "mine"
    assert all(new for _, new in create_workspace(COURSE, workspace))
    monkeypatch.chdir(workspace)
    return workspace / "lstm/lstm_cell/lstm_cell.py"


def kept(file: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in file.parent.glob("*.kept-*")}


@pytest.mark.parametrize(
    "work", [b"x = 1\n", b"", b"\xff\x00 not text", STUB + b"# mine\n", b"x\r\n" * 1000]
)
def test_the_stub_comes_back_and_the_work_is_kept(command, file, work) -> None:
    file.write_bytes(work)
    assert command("reset", "lstm_cell") == 0
    assert file.read_bytes() == STUB
    assert kept(file) == {"lstm_cell.kept-1.py": work}
    assert "lstm_cell.kept-1.py" in command.out


def test_every_copy_has_a_name_of_its_own(command, file) -> None:
    for number in range(3):
        file.write_text(f"x = {number}\n")
        assert command("reset", "lstm_cell") == 0
    assert sorted(kept(file).values()) == [b"x = 0\n", b"x = 1\n", b"x = 2\n"]
    assert command("check", "lstm_cell") == 1, "the copies are no second answers"


def test_an_untouched_stub_leaves_no_copy(command, file) -> None:
    file.write_bytes(STUB.replace(b"\n", b"\r\n"))
    assert command("reset", "lstm_cell") == 0
    assert (file.read_bytes(), kept(file)) == (STUB, {})
    file.unlink()
    assert command("reset", "lstm_cell") == 0
    assert (file.read_bytes(), kept(file)) == (STUB, {})


def test_odd_files_stay_as_they_are(command, file, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text("x = 1\n")
    file.unlink()
    file.symlink_to(elsewhere)
    assert command("reset", "lstm_cell") == 2
    assert "is a link" in command.err
    assert file.is_symlink()
    assert elsewhere.read_text() == "x = 1\n"
    file.unlink()
    os.mkfifo(file)
    assert command("reset", "lstm_cell") == 2
    assert "is no regular file" in command.err
    file.unlink()
    file.with_suffix(".ipynb").write_text("{}")
    assert command("reset", "lstm_cell") == 2
    assert "is a notebook" in command.err
    assert not file.exists()


def test_a_full_disk_leaves_the_work_in_its_place(command, file, monkeypatch) -> None:
    file.write_text("x = 1\n")
    real = os.replace

    def full(source, target, **named):
        if str(target).endswith("lstm_cell.py"):
            raise OSError(28, "No space left on device")
        return real(source, target, **named)

    monkeypatch.setattr(os, "replace", full)
    assert command("reset", "lstm_cell") == 2
    assert "No space left on device" in command.err
    assert (file.read_text(), kept(file)) == ("x = 1\n", {})


def test_outside_a_workspace_there_is_nothing_to_reset(command) -> None:
    assert command("reset", "lstm_cell") == 2
    assert "lies in no workspace" in command.err


def test_the_difference_to_the_stub(command, file, monkeypatch) -> None:
    assert command("diff", "lstm_cell") == 0
    assert "is the stub, as it was given" in " ".join(command.out.split())
    text = STUB.decode().replace("raise NotImplementedError", "return x  # \x1b[31m", 1)
    file.write_text(text)
    monkeypatch.chdir(file.parent)
    assert command("diff") == 0
    lines = command.out.splitlines()
    assert "-    raise NotImplementedError" in lines
    assert [line for line in lines if line.startswith("+    return x")]
    assert "\x1b" not in command.out
    file.write_bytes(b"\xff\xfe")
    assert command("diff", "lstm_cell") == 2
