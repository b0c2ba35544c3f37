"""The cases of a seed are the same on every machine, wherever one stands."""

import hashlib
import os
import signal
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Case, check
from grader.checks.check import derive
from grader.checks.load import load_checks

PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_same_cases import digest
print(digest())
"""


def digest() -> str:
    """A digest of cases of one seed: sizes, a source, integers and choices."""
    found = hashlib.sha256()

    @check(examples=40)
    @given(
        n=st.integers(0, 10_000),
        x=st.floats(allow_nan=False),
        text=st.text(max_size=5),
        pick=st.sampled_from("abc"),
    )
    def body(submission, **case) -> None:
        """Something."""
        found.update(repr(sorted(case.items())).encode())

    body.run(seed=derive(0, "lstm/lstm_cell", "digest"), each=lambda case: case(None))
    return found.hexdigest()


@pytest.mark.full
def test_constants_of_ones_own_modules_change_nothing(tmp_path):
    """Neither those of modules, nor those that `.hypothesis/` of the current folder holds."""
    (tmp_path / "mine.py").write_text("A, B, C = 4217, 'zzzzz', 1234.5678\n")
    answers = set()
    for folder, extra in ((tmp_path, "import mine\n"), (tmp_path / "..", "")):
        program = extra + PROGRAM
        done = subprocess.run(
            [sys.executable, "-c", program, os.path.dirname(__file__)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert not (tmp_path / ".hypothesis").exists()


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_same_cases
cases = []
def killed(case):
    cases.append(case)
    if len(cases) == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return str(case)
test_same_cases.repr = killed
test_same_cases.digest()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_process_that_is_killed_while_it_draws_leaves_no_file(tmp_path):
    """A worker of `kata grade` is, wherever the command is ended from outside."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", KILLED, os.path.dirname(__file__)],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["memory/rnn_cell", "lstm/lstm_cell", "gru/gru_cell"])
def test_a_seed_draws_the_same_numbers_again(course, name):
    def numbers() -> str:
        kata = course.find(name)
        found = hashlib.sha256()
        for item in load_checks(kata.checks_file, name=f"again_{kata.short}"):
            bodies = item.cases(seed=derive(0, kata.name, item.name), count=5)
            found.update(f"{item.name} {len(bodies)}".encode())
            for body in bodies:
                for cell in body.__closure__ or ():
                    found.update(_bytes(cell.cell_contents))
        return found.hexdigest()

    assert numbers() == numbers()


def _bytes(value) -> bytes:
    if isinstance(value, dict):
        return b"".join(_bytes(item) for item in value.values())
    if isinstance(value, tuple | list):
        return b"".join(map(_bytes, value))
    if isinstance(value, Case):
        return _bytes(value.arguments) + _bytes(value.cotangents)
    if isinstance(value, torch.Tensor):
        return value.numpy().tobytes()
    return b""
