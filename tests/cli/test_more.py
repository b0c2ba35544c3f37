"""`kata more`: after a pass, or for those who give up."""

import json
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course

KATA = built_in_course().find("lstm/lstm_cell")


@pytest.fixture
def workspace(command, monkeypatch) -> Path:
    assert command("init", "mine") == 0
    monkeypatch.chdir("mine")
    return Path.cwd()


def records(workspace: Path) -> dict:
    return json.loads((workspace / ".kata" / "progress.json").read_text())


def test_it_waits_for_a_pass(command, workspace: Path) -> None:
    assert command("more", "lstm_cell") == 2
    assert "lstm/lstm_cell is not passed yet" in command.err
    assert "kata more lstm_cell --give-up" in command.err
    assert "sigmoid" not in command.out
    assert not (workspace / ".kata" / "progress.json").exists()


def test_whoever_gives_up_sees_it_and_it_is_kept(command, workspace: Path) -> None:
    assert command("more", "lstm_cell", "--give-up") == 0
    assert command.out.count("Another: ") == len(KATA.alternatives)
    assert records(workspace)["lstm/lstm_cell"]["gave_up"] is True
    assert command("more", "lstm_cell") == 0, "once is enough"


def test_after_a_pass_there_is_each_way_with_its_sentence(command, workspace: Path) -> None:
    (workspace / "lstm" / "lstm_cell" / "lstm_cell.py").write_bytes(KATA.solution.read_bytes())
    assert command("check", "lstm_cell") == 0
    assert "Your cell" in command.out, "the picture"
    assert command("more", "lstm_cell") == 0
    assert "A loop over the batch, σ from tanh, einsum for the products" in command.out
    assert command.out.count("def lstm_cell(") == 1 + len(KATA.alternatives)
    assert records(workspace)["lstm/lstm_cell"]["gave_up"] is False
