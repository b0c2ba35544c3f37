"""How the command ends: with its code, its words, and without clearing up."""

import subprocess
import sys

import pytest

RUN = """
import atexit
atexit.register(print, "cleared up")
from grader.cli.start import main
main()
"""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["list"], 0, "lstm_cell"),
        (["--help"], 0, "usage: kata"),
        (["--version"], 0, "."),
        ([], 0, "kata watch"),
        (["show", "no_such_kata"], 2, "no_such_kata"),
        (["check", "--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_it_ends_with_its_code_and_all_of_its_words(words, code, said) -> None:
    run = subprocess.run([sys.executable, "-c", RUN, *words], capture_output=True, text=True)
    assert run.returncode == code
    assert said in run.stdout + run.stderr
    assert "cleared up" not in run.stdout
