"""Checks as pytest items: `-k`, `-x`, `--junitxml` and `-n` do what they always do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.course.workspace import create_workspace

CORPUS = Path(__file__).parent / "corpus" / "lstm" / "lstm_cell"
RIGHT, TOLD = CORPUS / "einsum.py", CORPUS / "swapped_in_an_einsum.py"


def test_each_check_is_an_item(run_katas, kata: Kata) -> None:
    ran = run_katas(kata, "--submission", RIGHT, "-v")
    ran.assert_outcomes(passed=7)
    ran.stdout.fnmatch_lines(["*lstm_cell/checks.py::matches_torch PASSED*"])


def test_a_failure_shows_the_card_and_no_traceback_of_ours(run_katas, kata: Kata) -> None:
    ran = run_katas(kata, "--submission", TOLD)
    ran.assert_outcomes(passed=3, failed=1, skipped=3)
    ran.stdout.fnmatch_lines(
        [
            "*Which mistake it is: Forget and input gate are swapped*",
            "*Smallest case found: lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh)*",
            "*Again: kata replay lstm/lstm_cell keeps_c_behind_closed_gates --seed 0*",
        ]
    )
    assert "conversation.py" not in ran.stdout.str()
    assert "pytest_plugin.py" not in ran.stdout.str()
    assert "CheckNotPassed" not in ran.stdout.str()


def test_k_chooses_and_still_runs_what_comes_before(run_katas, kata: Kata) -> None:
    run_katas(kata, "--submission", RIGHT, "-k", "gradients").assert_outcomes(
        passed=1, deselected=6
    )
    run_katas(kata, "--submission", TOLD, "-k", "gradients").assert_outcomes(
        skipped=1, deselected=6
    )


def test_x_stops_at_the_first(run_katas, kata: Kata) -> None:
    run_katas(kata, "--submission", TOLD, "-x").assert_outcomes(passed=2, failed=1)


def test_one_check_can_be_named(run_katas, kata: Kata, pytester: pytest.Pytester) -> None:
    node = f"{kata.checks_file}::leaves_inputs_unchanged"
    ran = pytester.runpytest_inprocess(node, "--submission", TOLD, "-p", "no:cacheprovider")
    ran.assert_outcomes(passed=1)


def test_another_seed(run_katas, kata: Kata) -> None:
    ran = run_katas(kata, "--submission", TOLD, "--kata-seed", "12")
    ran.stdout.fnmatch_lines(["*--seed 12"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gone.py", "gone.py does not exist. Give a .py"),
        (".", "holds no submission for lstm/lstm_cell"),
    ],
)
def test_a_missing_submission_is_one_clear_line(
    run_katas, kata: Kata, path: str, message: str
) -> None:
    ran = run_katas(kata, "--submission", path)
    assert int(ran.ret) == 2
    assert message in ran.stderr.str() + ran.stdout.str()
    assert "pytest_plugin.py" not in ran.stdout.str(), "frames of ours help nobody"


CLOCKED = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    for _ in range(4):
        expect(submission["double"](1), 2, name="the answer")
'''
SLOW = "import time\n\n\ndef double(x):\n    time.sleep(0.8)\n    return 2 * x\n"


def test_a_slow_neighbour_takes_nobodys_time(made, lend, pytester, tmp_path: Path) -> None:
    """All katas are collected first; each one's clock starts when its own submission is asked."""
    grader = made(CLOCKED, toml="\n[limits]\nwall_s = 2.5\n")
    folder = grader.course.root / "katas" / "toy"
    for name in ("another", "last"):
        for place in (folder, grader.course.root / "solutions" / "toy"):
            shutil.copytree(place / "double", place / name)
            (place / name / "double.py").rename(place / name / f"{name}.py")
    handed_in = tmp_path / "handed in" / "toy"
    handed_in.mkdir(parents=True)
    (handed_in / "double.py").write_text(SLOW)
    for name in ("another", "last"):
        (handed_in / f"{name}.py").write_text("def double(x):\n    return 2 * x\n")
    where = [folder / name for name in ("double", "another", "last")]
    ran = pytester.runpytest_inprocess(
        *where, "--submission", handed_in.parent, "-v", "-p", "no:cacheprovider"
    )
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(["*the whole kata may take 2.5 s*"])


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.full
def test_several_processes_keep_a_katas_checks_together(kata: Kata, tmp_path: Path) -> None:
    xml = tmp_path / "report.xml"
    ran = run(kata.folder, "--submission", TOLD, "-n", "2", f"--junitxml={xml}", cwd=tmp_path)
    assert "1 failed, 3 passed, 3 skipped" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 1
    text = xml.read_text()
    assert '<property name="diagnosis" value="forget_and_input_swapped" />' in text
    assert text.count('<property name="points"') == 7


def test_nothing_heavy_is_imported_for_other_tests(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("raise RuntimeError('no kata.toml beside it')\n")
    (tmp_path / "test_other.py").write_text(
        "import sys\ndef test_light(): assert 'torch' not in sys.modules\n"
    )
    ran = run(".", "-p", "no:hypothesispytest", cwd=tmp_path)
    assert "1 passed" in ran.stdout, ran.stdout


def test_a_kata_or_a_track_can_be_named(pytester: pytest.Pytester, lend, monkeypatch) -> None:
    mine = pytester.path / "mine"
    list(create_workspace(built_in_course(), mine))
    shutil.copy(RIGHT, mine / "lstm/lstm_cell/lstm_cell.py")
    (mine / "test_own.py").write_text("def test_own(): pass\n")
    monkeypatch.chdir(mine)

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*arguments, "-p", "no:cacheprovider")

    ran = run("--kata", "LSTM_cell", "-v")
    ran.assert_outcomes(passed=7)
    ran.stdout.fnmatch_lines(["*lstm_cell/checks.py::matches_torch PASSED*"])
    run("--kata", "lstm_cell", "--kata", "lstm_cell", "test_own.py").assert_outcomes(passed=8)
    outcomes = run("--kata", "gru").parseoutcomes()
    assert outcomes["failed"] >= 3, "each kata of the track is a stub"
    assert "passed" not in outcomes
    ran = run("--kata", "lstm_sell")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*there is no kata 'lstm_sell'*Did you mean*"])
