"""What `kata` says about itself, and the parts of the way that `kata list` shows."""

import json
import os
import pty
import shlex
import sys
from pathlib import Path

import pytest

from grader.cli.main import parser
from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace

COURSE = built_in_course()
START = "import sys; from grader.cli.main import main; sys.exit(main())"


def test_alone_it_helps(command) -> None:
    assert command() == 0
    assert command.out.startswith("usage: kata")
    assert "kata next" in command.out
    assert command.err == ""


def examples_of(text: str) -> list[str]:
    """The command lines in a help text."""
    return [line.strip() for line in text.partition("examples:\n")[2].splitlines() if line.strip()]


def test_every_example_in_a_help_text_is_a_command_line(command) -> None:
    names = [action.choices for action in parser()._actions if action.choices][-1]
    seen = 0
    for name in ["", *names]:
        assert command(*[name] * bool(name), "--help") == 0
        for line in examples_of(command.out):
            for one in line.split("   ")[0].split(" && "):
                words = shlex.split(one)
                if words[0] == "kata" and "--help" not in words:
                    parser().parse_args(words[1:])  # ends the test where it is none
                    seen += 1
    assert seen > 15


def test_a_list_of_one_track_or_of_what_is_left(command, tmp_path, monkeypatch) -> None:
    list(create_workspace(COURSE, tmp_path / "mine"))
    monkeypatch.chdir(tmp_path / "mine")
    cell = COURSE.find("gru_cell")
    Path("gru/gru_cell/gru_cell.py").write_bytes(cell.solution.read_bytes())
    assert command("check", "gru_cell") == 0
    assert command("list", "--track", "GRU", "--json") == 0
    names = [row["kata"] for row in json.loads(command.out)["katas"]]
    assert names == [kata.name for kata in COURSE.katas if kata.track == "gru"]
    assert command("list", "--track", "gru", "--todo", "--json") == 0
    assert [row["kata"] for row in json.loads(command.out)["katas"]] == names[1:]
    assert command("list", "--track", "gru", "--todo") == 0
    assert f"1 of {len(names)} passed." in command.out
    assert "gru_cell" not in command.out.split("reset_variants")[0]
    assert command("list", "--track", "grr") == 2
    assert "There are: memory, lstm," in command.err


@pytest.mark.parametrize("width", [30, 40, 60, 71])
def test_on_a_narrow_terminal_a_kata_is_a_row(command, monkeypatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert command("list") == 0
    rows = command.out.splitlines()
    assert all(len(row.rstrip()) <= width for row in rows)
    assert [row.split()[0] for row in rows if "○" in row or "●●●●●" in row] == [
        kata.short for kata in COURSE.katas
    ]
    tracks = [row.strip() for row in rows if row.strip().endswith("/")]
    assert set(tracks) == {f"{kata.track}/" for kata in COURSE.katas}


@pytest.mark.parametrize("pager", ["cat", "head -n 3"])
def test_on_a_terminal_a_task_goes_through_the_pager(pager) -> None:
    seen = b""

    def read(descriptor: int) -> bytes:
        nonlocal seen
        data = os.read(descriptor, 4096)
        seen += data
        return data

    command = [sys.executable, "-c", START, "show", "lstm_cell"]
    code = pty.spawn(["env", f"PAGER={pager}", "TERM=xterm", *command], read)
    assert code == 0
    text = seen.decode()
    assert "One step of an LSTM" in text
    assert ("The cell in one picture" in text) is (pager == "cat")
