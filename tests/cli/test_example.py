"""`kata check --example`: the task's numbers beside the learner's, whatever that code does."""

from pathlib import Path

import pytest

from grader.course.catalog import built_in_course

KATA = built_in_course().find("lstm/lstm_cell")
RIGHT = KATA.solution.read_text("utf-8")


@pytest.fixture
def run_example(command, tmp_path: Path):
    """Runs the worked example on a source; the exit code and what was shown."""

    def run(source: str) -> tuple[int, str]:
        path = tmp_path / "lstm_cell.py"
        path.write_text(source, encoding="utf-8")
        code = command("check", "lstm_cell", "--submission", str(path), "--example")
        assert "Traceback" not in command.out + command.err
        assert "\x1b" not in command.out
        return code, command.out

    return run


def test_right_and_wrong_numbers(run_example) -> None:
    code, out = run_example(RIGHT)
    assert code == 0
    assert "✓ c'  1.8638 -0.4630" in out
    shows_all = (
        "\n\n_cell = lstm_cell\n\n\ndef lstm_cell(*a):\n    h, c = _cell(*a)\n    return c, c\n"
    )
    code, out = run_example(RIGHT + shows_all)
    assert code == 1
    assert "✓ c'  1.8638 -0.4630" in out
    assert "✗ h'  expected 0.4765 -0.4120\n        given    1.8638 -0.4630" in out


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ("h.squeeze(0), c", "given    0.4765 -0.4120, of shape (2,)"),
        ("h.tolist(), c", "given    0.4765 -0.4120, which is no array"),
    ],
)
def test_right_numbers_in_another_shape(run_example, change: str, given: str) -> None:
    code, out = run_example(
        f"{RIGHT}\n\n_cell = lstm_cell\n\n\ndef lstm_cell(*a):\n    h, c = _cell(*a)\n"
        f"    return {change}\n"
    )
    assert code == 1
    assert f"✗ h'  expected 0.4765 -0.4120, of shape (1, 2)\n        {given}" in out
    assert "✓ c'" in out


HOSTILE = {
    "raises": ("raise ValueError('\\x1b[2Jboo')", "raised ValueError"),
    "answers nothing": ("return None", "of a kind that cannot be used here"),
    "answers texts": ("return '\\x1b[2J', '::error::x'", "\\x1b"),
    "answers a flood": ("return ['x' * 80] * 9000, x", "given"),
    "ends the process": ("import os; os._exit(0)", "ended itself"),
    "prints and is wrong": ("print('shape', x.shape); return x, x", "| shape torch.Size([1, 2])"),
    "is not begun": ("raise NotImplementedError", "not implemented"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_it_does(run_example, name: str) -> None:
    body, said = HOSTILE[name]
    code, out = run_example(f"def lstm_cell(x, h, c, *weights):\n    {body}\n")
    assert code == 1
    assert said in out
    assert len(out) < 12_000


def test_a_shape_that_the_example_itself_cannot_use(command, tmp_path: Path) -> None:
    path = tmp_path / "write_on_cue.py"
    path.write_text(
        "import torch\n\ndef write_on_cue():\n"
        "    return torch.zeros(2, 4), torch.zeros(4, 1), torch.zeros(4), torch.zeros(4)\n"
    )
    assert command("check", "write_on_cue", "--submission", str(path), "--example") == 1
    assert "w_ih has shape (2, 4), expected (4, 2)." in command.out


def test_no_pass_is_kept(command, tmp_path: Path, monkeypatch) -> None:
    mine = tmp_path / "mine"
    assert command("init", str(mine)) == 0
    monkeypatch.chdir(mine)
    (mine / "lstm" / "lstm_cell" / "lstm_cell.py").write_text(RIGHT, encoding="utf-8")
    assert command("check", "lstm_cell", "--example") == 0
    assert not (mine / ".kata" / "progress.json").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["q4_rapid_fire", "--example"], "interview/q4_rapid_fire has no worked example to run"),
        (["lstm_cell", "--example", "--json", "-"], "it does not go with --json"),
        (["lstm_cell", "--example", "--format", "gcc"], "it does not go with --format"),
    ],
)
def test_what_cannot_be(command, argv: list[str], message: str) -> None:
    stubs = str(built_in_course().root / "katas")
    assert command("check", *argv, "--submission", stubs) == 2
    assert message in command.err


def test_only_interviews_have_none() -> None:
    none = [kata.name for kata in built_in_course().katas if kata.spec.no_example]
    assert {name.partition("/")[0] for name in none} == {"interview"}
