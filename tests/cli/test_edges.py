"""Every command with every argument wrong in turn: one clear line and the right exit code.

The commands and their arguments are read from the parser, so that a new one is tried as well.
"""

import argparse
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli.main import parser
from tests.gate import few

TOY = Path(__file__).parents[1] / "toy"
ODD = {
    "missing": "missing",
    "in a folder that is missing": "missing/deeper",
    "a folder": "folder",
    "an empty file": "empty",
    "no text": "binary",
    "a pipe": "pipe",
    "a link to nothing": "dangling",
    "a link in a circle": "loop",
    "half a JSON": "half.json",
    "JSON too deep": "deep.json",
    "another database": "other.sqlite",
    "a device": "/dev/null",
    "nothing": "",
    "too long": "x" * 5000,
    "two hyphens": "--",
    "no Unicode": "\udcff\udc80",
    "orders to a terminal": "\x1b[31m\n::error::x",
    "a number that is too large": "9" * 5000,
}
WAITS = {"doctor", "watch", "drill", "mark"}
"""They look at the machine, or wait for a person."""

WRITES = {"new", "stub"}
"""They write into the course: into a copy of the tests' own, here."""

GRADES = {"check", "why", "replay", "report", "play", "audit", "grade", "regrade"}
"""They are asked about a kata that is not there, so that nothing is graded."""


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    found = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(next(found).choices)


def lines(name: str, value: str) -> Iterator[list[str]]:
    """Command lines in which one argument, or each positional one, is this value."""
    actions = [a for a in commands()[name]._actions if not isinstance(a, argparse._HelpAction)]
    taking = [a for a in actions if a.option_strings and a.nargs != 0]
    positional = [a for a in actions if not a.option_strings]
    needed = [word for a in taking if a.required for word in (a.option_strings[-1], "missing")]
    needed += ["--course", "course"] if name in WRITES else []
    kata = "no_such_kata" if name in GRADES else "lstm_cell"
    usual = [kata if "KATA" in str(a.metavar) else "missing" for a in positional]
    if positional and value != "--":  # which is no argument there
        yield [name, *needed, *[value for _ in positional]]
    for action in taking:
        yield [name, *needed, f"{action.option_strings[-1]}={value}", *usual]


@pytest.fixture
def odd(command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One stands in a folder with something odd for each name."""
    here = Path.cwd()
    monkeypatch.setenv("HOME", str(here))
    (here / "folder").mkdir()
    shutil.copytree(TOY, here / "course")
    (here / "empty").write_bytes(b"")
    (here / "binary").write_bytes(bytes(range(256)) * 40)
    os.mkfifo("pipe")
    os.symlink("nowhere", "dangling")
    os.symlink("loop", "loop")
    (here / "half.json").write_text('{"verdicts": [{')
    (here / "deep.json").write_text("[" * 100_000)
    with sqlite3.connect("other.sqlite") as database:
        database.execute("create table gradebook(a)")
    database.close()
    return here


@pytest.mark.parametrize("begin", few(range(3), 1))
@pytest.mark.parametrize("name", [name for name in commands() if name not in WAITS])
def test_a_wrong_argument_is_one_clear_line(name: str, begin: int, odd: Path, command) -> None:
    """The gate asks a third of them: of each command others."""
    problems = []
    every = [*ODD.values()]
    for value in every[(begin + len(name)) % 3 :: 3]:
        for line in lines(name, value):
            try:
                code = command(*line)
            except SystemExit as end:
                code = end.code
            said = command.err
            if code not in (0, 1, 2) or "Traceback" in said or "not yours" in said:
                problems.append(([word[:60] for word in line], code, said[-300:]))
            if code == 2 and not said.startswith("kata: "):
                problems.append(([word[:60] for word in line], "says nothing", said[:300]))
            if "\x1b" in said or "\n::" in said:
                problems.append(([word[:60] for word in line], "obeys", said[:300]))
    assert problems == []


def test_no_workspace_is_made_of_the_root(odd: Path, command, monkeypatch) -> None:
    """As root it would be, and everything on the machine would lie in it."""
    monkeypatch.setattr(
        "os.path.realpath", lambda path, **_: "/" if path == Path("folder") else path
    )
    assert command("init", "folder") == 2
    assert "is the root of all folders" in command.err
    assert list((odd / "folder").iterdir()) == []
