"""`kata start`: a kata begins with one's own answer to another, and no work is ever lost."""

from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace

COURSE = built_in_course()
NAMES = ("lstm/lstm_through_time", "lstm/lstm_stack")
ANSWER = COURSE.find(NAMES[0]).solution.read_text("utf-8")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A new workspace, in which one stands: the file of a step, answered, and that of the next."""
    workspace = tmp_path / "mine"
    assert all(new for _, new in create_workspace(COURSE, workspace))
    monkeypatch.chdir(workspace)
    step, following = (workspace / name / f"{name.split('/')[1]}.py" for name in NAMES)
    step.write_text(ANSWER + "# mine\n", encoding="utf-8")
    return step, following


def test_it_puts_the_answer_in_the_place_of_the_stub(command, files) -> None:
    step, following = files
    assert command("start", "lstm_stack", "--from", "lstm_through_time") == 0
    assert following.read_text("utf-8") == step.read_text("utf-8") == ANSWER + "# mine\n"
    said = " ".join(command.out.split())
    assert f"{following.name} now holds your answer to lstm/lstm_through_time." in said
    assert "LSTM(input_size: int, hidden_size: int, num_layers: int=1" in said
    assert "LSTM.forward(" not in said, "its arguments are those of the step before"
    assert [path.name for path in sorted(following.parent.iterdir())] == [
        "README.md",
        "lstm_stack.py",
    ]


def test_a_stub_with_other_line_ends_is_untouched(command, files) -> None:
    step, following = files
    following.write_bytes(following.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert command("start", "lstm_stack", "--from", "lstm_through_time") == 0
    assert following.read_text("utf-8") == step.read_text("utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda step, following: following.write_text("x = 1\n"), "no longer the untouched stub"),
        (lambda step, following: following.write_text(""), "no longer the untouched stub"),
        (
            lambda step, following: following.write_text(
                following.read_text().replace("raise NotImplementedError", "pass", 1)
            ),
            "no longer the untouched stub",
        ),
        (
            lambda step, following: step.write_bytes(COURSE.find(NAMES[0]).stub.read_bytes()),
            "lstm_through_time.py is still the stub",
        ),
        (lambda step, following: step.unlink(), "lstm_through_time.py does not exist"),
        (lambda step, following: following.unlink(), "lstm_stack.py does not exist"),
        (lambda step, following: step.write_bytes(b"x = '\xff'\n"), "is not UTF-8"),
        (
            lambda step, following: (
                following.rename(following.with_name("other.py")),
                following.symlink_to("other.py"),
            ),
            "is a link",
        ),
    ],
    ids=["work", "empty", "one body", "nothing to start from", "gone", "none", "latin-1", "link"],
)
def test_otherwise_nothing_changes(command, files, spoil, message: str) -> None:
    spoil(*files)
    folder = files[0].parents[1]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert command("start", "lstm_stack", "--from", "lstm_through_time") == 2
    assert message in " ".join(command.err.split())
    assert command.out == ""
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_it_says_what_it_needs(command, files, tmp_path: Path, monkeypatch) -> None:
    assert command("start", "lstm_stack", "--from", "lstm_stack") == 2
    assert "cannot start from itself" in command.err
    assert command("start", "lstm_stack") == 2
    assert "--from" in command.err
    monkeypatch.chdir(tmp_path)
    assert command("start", "lstm_stack", "--from", "lstm_through_time") == 2
    assert "lies in no workspace" in command.err
