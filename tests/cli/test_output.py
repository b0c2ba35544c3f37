"""Output that is closed or full is one line and exit code 2; one that cannot show a sign gets
another sign.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gate import few

CORPUS = Path(__file__).parents[1] / "corpus" / "lstm" / "lstm_cell"
KATA = Path(sys.executable).with_name("kata")
COMMANDS = {
    "list": "list",
    "list as JSON": "list --json",
    "show": "show lstm_cell",
    "help": "--help",
    "version": "--version",
    "completion": "--print-completion bash",
    "no such command": "nonsense",
}
QUICK = [name for name in COMMANDS if name != "no such command"]


def run(line: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of a shell, in which KATA is the command."""
    base = {
        name: os.environ[name]
        for name in ("PATH", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        if name in os.environ
    }
    return subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        env=base | {"KATA": str(KATA), "HOME": str(tmp_path)} | environment,
    )


BUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


@BUFFERED
@pytest.mark.parametrize("command", QUICK)
@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">/dev/full", "No space left on device"), (">&-", "it is closed")],
    ids=["full", "closed"],
)
def test_output_that_takes_nothing_is_one_line_and_2(
    command: str, redirection: str, reason: str, unbuffered: str, tmp_path: Path
) -> None:
    ran = run(f"$KATA {COMMANDS[command]} {redirection}", tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert ran.stderr.decode() == f"kata: the output cannot be written: {reason}\n"
    assert (ran.returncode, ran.stdout) == (2, b"")


@BUFFERED
def test_a_reader_that_goes_away_is_one_line_and_2(unbuffered: str, tmp_path: Path) -> None:
    line = "{ $KATA show lstm_cell; echo $? >code; } | { exec <&-; sleep 0.1; }"
    ran = run(line, tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert (tmp_path / "code").read_text() == "2\n"
    assert ran.stderr.decode().count("\n") == 1
    assert ran.stderr.startswith(b"kata: the output cannot be written: ")


@pytest.mark.full
def test_a_pass_that_nobody_reads_is_kept(course, tmp_path: Path) -> None:
    right = course.find("gates/forget_on_cue").solution
    prepared = f"$KATA init . >/dev/null; cp {right} gates/forget_on_cue/"
    ran = run(f"{prepared}; $KATA check forget_on_cue >/dev/full", tmp_path)
    assert ran.returncode == 2
    assert "✓" in run("$KATA list --track gates", tmp_path, LANG="C.UTF-8").stdout.decode()


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("command", ["list", "help", "no such command"])
def test_errors_that_nobody_can_read_change_nothing_else(
    command: str, redirection: str, tmp_path: Path
) -> None:
    told = run(f"$KATA {COMMANDS[command]}", tmp_path)
    ran = run(f"$KATA {COMMANDS[command]} {redirection}", tmp_path)
    assert ran.returncode == told.returncode
    assert ran.stdout.strip() == told.stdout.strip()


def test_where_nothing_can_be_said_the_exit_code_says_it(tmp_path: Path) -> None:
    ran = run("$KATA list >/dev/full 2>/dev/full", tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, b"", b"")
    ran = run("$KATA list >&- 2>&-", tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, b"", b"")


@pytest.mark.parametrize("argument", few(["", "--json -"], 1))
@pytest.mark.full
def test_a_verdict_that_cannot_be_written_is_no_error_of_the_graders(
    argument: str, tmp_path: Path
) -> None:
    line = f"$KATA check lstm_cell --submission {CORPUS}/einsum.py {argument} >/dev/full"
    ran = run(line, tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines()[-1] == (
        "kata: the output cannot be written: No space left on device"
    )
    assert b"grader's" not in ran.stderr


ENCODINGS = {
    "ascii": ({"PYTHONIOENCODING": "ascii"}, "ascii"),
    "cp1252": ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
    "latin-1, strict": ({"PYTHONIOENCODING": "latin-1:strict"}, "latin-1"),
    "C locale": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii"),
    "POSIX locale": ({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii"),
}


@pytest.mark.parametrize(("environment", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("command", ["list", "list as JSON", "show"])
def test_what_cannot_be_shown_is_another_sign(
    command: str, environment: dict[str, str], encoding: str, tmp_path: Path
) -> None:
    ran = run(f"$KATA {COMMANDS[command]}", tmp_path, **environment)
    text = ran.stdout.decode(encoding)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "?" * 2 not in text
    if command == "list":
        assert "*oooo" in text


@pytest.mark.parametrize(("environment", "encoding"), few(ENCODINGS.values(), 1), ids=ENCODINGS)
def test_a_verdict_is_shown_in_any_encoding(
    environment: dict[str, str], encoding: str, tmp_path: Path
) -> None:
    mine = tmp_path / "größe"
    mine.mkdir()
    wrong = (CORPUS / "swapped_in_an_einsum.py").read_text(encoding="utf-8")
    (mine / "lstm_cell.py").write_text(f"{wrong}\nprint('σ ✗ größe')\n", encoding="utf-8")
    line = "$KATA check lstm_cell --submission größe --json verdict.json"
    ran = run(line, tmp_path, **environment)
    text = ran.stdout.decode(encoding)
    assert (ran.returncode, ran.stderr) == (1, b"")
    assert text.startswith("x lstm/lstm_cell ")
    assert "  + keeps_shape_and_dtype" in text
    assert "Which mistake it is: Forget and input gate are swapped" in text
    assert "sigma x gr" in text
    assert (tmp_path / "verdict.json").read_text(encoding="utf-8").count("größe") >= 1
