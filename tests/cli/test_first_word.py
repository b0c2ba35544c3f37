"""What a command says on a terminal while its judge starts."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

SAID = "kata: starting the judge ..."


def shown(arguments: list[str]) -> tuple[list[str], int]:
    """What a terminal is sent as standard error, erased or not, in order; and the exit code."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    parts = []
    with suppress(OSError):  # the end of a terminal is an error
        while part := os.read(ours, 65536):
            parts.append(part.decode())
    os.close(ours)
    return parts, run.wait()


@pytest.mark.parametrize("command", [["check"], ["check", "--example"], ["why"]])
def test_a_terminal_is_told_at_once_and_keeps_nothing_of_it(command: list[str], course) -> None:
    solution = course.find("memory/rnn_cell").solution
    name, *more = command
    parts, _ = shown(["-m", "grader", name, "rnn_cell", "--submission", str(solution), *more])
    assert parts[0] == SAID
    whole = "".join(parts)
    assert whole.count(SAID) == 1
    assert whole.startswith(f"{SAID}\r{' ' * len(SAID)}\r")


def test_it_is_gone_before_an_error_is_told(course) -> None:
    solution = course.find("memory/rnn_cell").solution
    command = ["check", "rnn_cell", "--submission", str(solution), "--isolation", "full"]
    source = (
        "import sys; from grader.sandbox import sandbox; "
        "sandbox.fenced_commands = lambda *_: []; "
        f"sys.argv = ['kata', *{command!r}]; from grader.cli.start import main; main()"
    )
    parts, code = shown(["-c", source])
    assert code != 0
    whole = "".join(parts)
    assert whole.startswith(f"{SAID}\r{' ' * len(SAID)}\rkata: full isolation was asked for")


def test_a_file_is_told_nothing(course) -> None:
    solution = course.find("memory/rnn_cell").solution
    run = subprocess.run(
        [sys.executable, "-m", "grader", "check", "rnn_cell", "--submission", str(solution)],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
