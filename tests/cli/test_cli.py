"""The command line's contract: exit codes, what goes to which stream, and what is never touched."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace
from tests.gate import few

CORPUS = Path(__file__).parents[1] / "corpus" / "lstm" / "lstm_cell"
RIGHT, TOLD = CORPUS / "einsum.py", CORPUS / "swapped_in_an_einsum.py"


# -- exit codes ------------------------------------------------------------------------------------


def test_0_every_asked_kata_passed(command) -> None:
    assert command("check", "lstm_cell", "--submission", RIGHT) == 0
    assert re.search(r"✓ lstm/lstm_cell .* passed 13/13", command.out)
    assert command.err == ""


def test_1_one_did_not(command, tmp_path: Path) -> None:
    (tmp_path / "lstm_cell.py").write_bytes(RIGHT.read_bytes())
    (tmp_path / "gru_cell.py").write_text("")
    assert command("check", "--submission", tmp_path) == 1
    assert "gru_cell.py is empty" in command.out
    assert "1 of 2 katas passed" in command.out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["check", "lstm_sell"], "there is no kata 'lstm_sell'\n      Did you mean lstm_cell"),
        (["check", "lstm_cell", "--submission", "gone.py"], "gone.py does not exist"),
        (["check", "lstm_cell", "--submission", "."], ". holds no submission for lstm/lstm_cell"),
        (["check", "--submission", "."], ". holds no submission for any kata"),
        (["check", "--seed", "-1"], "'-1' is not a whole number from 0"),
        (["check", "--seed", "9" * 30], "is not a whole number from 0"),
        (["check", "--secret-seed", "3", "lstm_cell"], "--instructor-copy PATH"),
        (
            ["check", "--json", "gone/a.json", "--submission", str(RIGHT), "lstm_cell"],
            "gone/a.json cannot be written",
        ),
        (["check", "--course", "gone"], "gone is no course: there is no folder `katas` in it"),
        (["show", "\x1b[31m"], "there is no kata"),
        (["hint", "lstm_cell", "--number", "99"], "has hints 1 to 4, not 99"),
        (["replay", "lstm_cell", "no_such", "--submission", str(RIGHT)], "has no check 'no_such'"),
        (["frobnicate"], "there is no command 'frobnicate'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_2_usage_missing_path_or_no_such_kata(command, argv: list[str], message: str) -> None:
    assert command(*argv) == 2
    assert message in command.err
    assert command.out == ""
    assert "\x1b" not in command.err


def private_course(root: Path, toml: str, checks: str = "") -> Path:
    folder = root / "katas" / "toy" / "double"
    folder.mkdir(parents=True)
    (folder / "kata.toml").write_text(toml)
    (folder / "checks.py").write_text(checks)
    (folder / "double.py").write_text("def double(x):\n    raise NotImplementedError\n")
    return root


TOML = 'title = "Double"\ndifficulty = 1\nminutes = 5\nhints = []\n'


@pytest.mark.parametrize("argv", [["list"], ["check"], ["show", "double"], ["hint", "double"]])
def test_3_a_broken_kata_toml_is_told_with_file_and_line(
    command, tmp_path: Path, argv: list[str]
) -> None:
    course = private_course(tmp_path / "course", TOML.replace("= 1", '= "easy"'))
    assert command(*argv, "--course", course) == 3
    toml = course / "katas/toy/double/kata.toml"
    assert f"kata: {toml}:2: Expected `int`, got `str`" in command.err
    assert command.out == ""


def test_3_a_broken_checks_file_is_told_with_file_and_line(command, tmp_path: Path) -> None:
    course = private_course(tmp_path / "course", TOML, "import json\nimport grader.nothing\n")
    assert command("check", "--course", course) == 3
    assert "checks.py:2: cannot be imported: ModuleNotFoundError" in command.err


CHECKS = '''
from grader.checks import check


@check(points=2)
def doubles(submission):
    """The answer is twice x."""
    assert submission["double"](2) == 4{fault}
'''


def test_3_an_error_of_the_checks_costs_nobody_a_point(command, tmp_path: Path) -> None:
    course = private_course(tmp_path / "course", TOML, CHECKS.format(fault="\n    1 / 0"))
    solution = course / "solutions" / "toy" / "double" / "double.py"
    solution.parent.mkdir(parents=True)
    solution.write_text("def double(x):\n    return 2 * x\n")
    assert command("check", "--course", course, "--submission", solution, "--json", "-") == 3
    verdict = command.verdict()
    assert verdict["status"] == "INTERNAL_ERROR"
    assert (verdict["points"], verdict["max_points"]) == (0, 0)
    assert "ZeroDivisionError" in verdict["checks"][0]["message"]


# -- streams ---------------------------------------------------------------------------------------


def test_json_to_standard_output_is_all_that_it_holds(command) -> None:
    assert command("check", "lstm_cell", "--submission", TOLD, "--json", "-") == 1
    verdict = command.verdict()
    assert verdict["kata"] == "lstm/lstm_cell"
    assert "Forget and input gate are swapped" in command.err
    assert "\x1b" not in command.out + command.err


def test_json_to_a_file_comes_beside_the_report(command, tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    assert command("check", "lstm_cell", "--submission", TOLD, "--json", path) == 1
    assert "Forget and input gate are swapped" in command.out
    assert json.loads(path.read_text())["verdicts"][0]["status"] == "FAILED"


def without_durations(text: str) -> dict:
    report = json.loads(text)
    for verdict in report["verdicts"]:
        assert verdict.pop("duration_s") > 0
    return report


def test_two_runs_with_one_seed_say_the_same(command) -> None:
    runs = []
    for seed in ("5", "5", "6"):
        command("check", "lstm_cell", "--submission", TOLD, "--seed", seed, "--json", "-")
        runs.append(without_durations(command.out))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_secret_seed_is_in_the_instructors_copy_alone(command, tmp_path: Path) -> None:
    copy = tmp_path / "instructor.json"
    secret = "4037200794235010051"
    options = ("--secret-seed", secret, "--instructor-copy", copy)
    assert command("check", "lstm_cell", "--submission", TOLD, "--json", "-", *options) == 1
    assert secret not in command.out + command.err
    assert "expected" not in command.err
    assert command.verdict()["seed"] is None
    [full] = json.loads(copy.read_text())["verdicts"]
    assert full["seed"] == int(secret)
    assert any(check["counterexample"] for check in full["checks"])
    assert copy.stat().st_mode & 0o077 == 0

    other = tmp_path / "other.json"
    command("check", "lstm_cell", "--submission", TOLD, "--secret-seed", "--instructor-copy", other)
    assert json.loads(other.read_text())["verdicts"][0]["seed"] not in (0, int(secret))


# -- replay, hint, init ----------------------------------------------------------------------------


def test_replay_finds_the_same_counterexample(command) -> None:
    command("check", "lstm_cell", "--submission", TOLD, "--seed", "11", "--json", "-")
    [card] = [
        check["counterexample"] for check in command.verdict()["checks"] if check["diagnosis"]
    ]
    program, *argv = card["replay"].split()
    assert program == "kata"
    assert command(*argv, "--submission", TOLD) == 1
    for argument in card["arguments"]:
        assert argument["value"] in command.out
    assert f"expected {card['expected']}, got {card['got']}" in command.out
    _, _, calls = command.out.partition("call 1: lstm_cell")
    assert all(f"{name} = float64" in calls for name in ("x", "h", "c", "w_ih", "w_hh"))
    assert calls.count("expected[") == calls.count("answer[") == 2

    assert command(*argv, "--submission", TOLD, "--script") == 1
    assert compile(command.out, "case.py", "exec")
    assert f"from {TOLD.stem} import lstm_cell" in command.out

    assert command("replay", "lstm_cell", "--submission", RIGHT) == 0
    assert "no failing case" in command.out


def test_a_task_comes_with_the_checks_that_hold_its_promises(command) -> None:
    assert command("show", "rnn_cell") == 0
    _, _, held = command.out.partition("Which check holds what")
    assert "leaves_inputs_unchanged: The arguments are not modified" in held
    assert "forbidden calls: You may use everything in torch except" in held


def test_the_hint_for_what_failed_comes_first(command, tmp_path, monkeypatch) -> None:
    list(create_workspace(built_in_course(), tmp_path / "mine"))
    monkeypatch.chdir(tmp_path / "mine")
    Path("lstm/lstm_cell/lstm_cell.py").write_bytes(TOLD.read_bytes())
    assert command("check", "lstm_cell") == 1
    seen = []
    for _ in range(5):
        assert command("hint", "lstm_cell") == 0
        seen.append(" ".join(command.out.split()))
    assert seen[0].startswith(
        "Hint 3 of 4 (for keeps_c_behind_closed_gates, which failed last): The new c has two parts"
    )
    assert [said[: len("Hint 1")] for said in seen[1:]] == ["Hint 1", "Hint 2", "Hint 4", "Hint 4"]
    assert ["That was the last one." in said for said in seen] == [False] * 3 + [True] * 2


def test_hints_come_one_at_a_time(command) -> None:
    seen = []
    for _ in range(5):
        assert command("hint", "lstm_cell") == 0
        seen.append(command.out.splitlines()[0])
    assert [line[: len("Hint 1 of 4")] for line in seen] == [
        f"Hint {number} of 4" for number in (1, 2, 3, 4, 4)
    ]
    command("hint", "lstm_cell", "--number", "2")
    assert command.out.splitlines()[0] == seen[1]


def test_init_never_overwrites_and_check_finds_the_workspace(command, tmp_path: Path) -> None:
    workspace = tmp_path / "mine"
    assert command("init", workspace) == 0
    mine = workspace / "lstm" / "lstm_cell" / "lstm_cell.py"
    mine.write_bytes(RIGHT.read_bytes())
    assert command("init", workspace) == 0
    assert ": 0 files written" in " ".join(command.out.split())
    assert mine.read_bytes() == RIGHT.read_bytes()
    assert (workspace / "lstm" / "lstm_cell" / "README.md").is_file()

    os.chdir(mine.parent)
    assert command("check", "lstm_cell") == 0
    assert command("list", "--json") == 0
    rows = {row["kata"]: row["status"] for row in json.loads(command.out)["katas"]}
    assert rows["lstm/lstm_cell"] == "PASSED"
    assert rows["gru/gru_cell"] == ""


def test_check_writes_nothing_beside_a_submission(command, tmp_path: Path) -> None:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    (folder / "lstm_cell.py").write_bytes(TOLD.read_bytes())
    folder.chmod(0o555)
    command("check", "--submission", folder)
    assert sorted(folder.rglob("*")) == [folder / "lstm_cell.py"]
    assert not any((tmp_path / "here").iterdir())


# -- what needs a process of its own ---------------------------------------------------------------


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "argv", [["list"], ["list", "--json"], ["show", "lstm_cell"], ["hint", "lstm_cell"], ["next"]]
)
def test_what_grades_nothing_imports_no_torch(argv: list[str], tmp_path: Path) -> None:
    ran = python(
        f"import sys; from grader.cli.main import main; code = main({argv!r}); "
        "heavy = {'torch', 'numpy', 'hypothesis'} & set(sys.modules); sys.exit(code or heavy or 0)",
        tmp_path,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout


@pytest.mark.parametrize(
    "kata", few([[sys.executable, "-m", "grader"], [Path(sys.executable).with_name("kata")]], 1)
)
@pytest.mark.full
def test_nothing_in_the_current_folder_is_imported(kata: list[str | Path], tmp_path: Path) -> None:
    for name in ("torch", "numpy", "rich", "hypothesis", "msgspec", "conftest", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the current folder')")
    ran = subprocess.run(
        [*kata, "check", "lstm_cell", "--submission", RIGHT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "passed 13/13" in ran.stdout
    assert (ran.returncode, ran.stderr) == (0, "")
