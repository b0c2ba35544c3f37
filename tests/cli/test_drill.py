"""`kata drill`: a clock, a blind stub, and what was right when."""

import ast
from pathlib import Path

import pytest

from grader.course.blind import blind_stub
from grader.course.catalog import built_in_course
from grader.course.stubs import signatures
from grader.present import drill as drilling
from grader.present.drill import Drill, clock, in_short, versions

COURSE = built_in_course()
KATA = COURSE.find("lstm/lstm_cell")
WRONG = KATA.solution.read_text().replace("torch.sigmoid(o)", "torch.tanh(o)")


@pytest.mark.parametrize("kata", COURSE.katas, ids=lambda kata: kata.name)
def test_a_blind_stub_asks_for_the_same(kata, tmp_path: Path) -> None:
    path = tmp_path / kata.stub.name
    path.write_text(blind_stub(kata.stub.read_text()))
    blind, stub = signatures(path), signatures(kata.stub)
    assert {name: one.text for name, one in blind.items()} == {
        name: one.text for name, one in stub.items()
    }
    assert "Source:" not in path.read_text()
    docstrings = [
        ast.get_docstring(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    assert any(docstrings)


def test_a_blind_stub_has_shapes_and_no_formula() -> None:
    blind = blind_stub(KATA.stub.read_text())
    assert "x: (N, I) input of this time step" in blind
    assert "The pair (h', c'), each (N, H)" in blind
    assert "σ" not in blind
    assert "tanh" not in blind


class Clock:
    """Time that passes while somebody sleeps; at some moments a file is saved."""

    def __init__(self, path: Path, saves: dict[float, str | None]) -> None:
        self.now, self.path, self.saves = 0.0, path, dict(saves)

    def sleep(self, seconds: float) -> None:
        self.now = round(self.now + seconds, 3)
        for at in sorted(self.saves):
            if at <= self.now:
                text = self.saves.pop(at)
                self.path.unlink(missing_ok=True)
                if text is not None:
                    self.path.write_text(text)


def test_each_version_comes_once_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("stub")
    saves = {1.0: "one", 2.0: "one", 3.0: None, 4.0: "two", 5.0: "", 6.0: "three", 9.9: "late"}
    time = Clock(path, saves)
    found = list(versions(path, 8.0, now=lambda: time.now, sleep=time.sleep))
    assert found == [(1.0, b"one"), (4.0, b"two"), (6.0, b"three")]


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (187, "3:07")])
def test_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_the_report_says_what_was_right_when(grader) -> None:
    drill = Drill(900.0)
    for at, source in ((10.0, WRONG), (75.0, KATA.solution.read_text()), (80.0, WRONG)):
        drill.saved(at, grader.attempt_source(KATA, source.encode()).verdict())
    rows = dict(drill.rows())
    assert rows["keeps_shape_and_dtype"] == "right at 0:10"
    assert rows["matches_torch"] == "right at 1:15, and wrong at the end"
    assert not drill.passed
    assert "matches_torch is not right" in in_short(drill.saves[0][1])
    assert in_short(drill.saves[1][1]) == "13/13, all is right"
    drill.saved(90.0, drill.saves[1][1])
    assert drill.passed


@pytest.mark.parametrize("blind", [(), ("--blind",)])
def test_a_drill_from_the_stub_to_a_pass(command, monkeypatch, blind) -> None:
    assert command("init", "mine") == 0
    monkeypatch.chdir("mine")
    path = Path("drills/lstm_cell-1/lstm_cell.py")

    def saving(given: Path, limit_s: float):
        assert given.resolve() == path.resolve()
        assert ("σ" in given.read_text()) == (not blind)
        assert limit_s == 120.0
        yield 12.0, WRONG.encode()
        yield 61.0, KATA.solution.read_bytes()
        raise AssertionError("a pass ends it")

    monkeypatch.setattr(drilling, "versions", saving)
    assert command("drill", "lstm_cell", "--minutes", "2", *blind) == 0
    assert ("0:12  saved" in command.out) == bool(blind)
    assert "2 versions saved, the last at 1:01 of 2:00" in command.out
    assert "right at 1:01" in command.out
    assert (Path("lstm/lstm_cell/lstm_cell.py").read_bytes()) == KATA.stub.read_bytes()


def test_whoever_stops_has_a_report(command, monkeypatch) -> None:
    assert command("init", "mine") == 0
    monkeypatch.chdir("mine")

    def stopped(given: Path, limit_s: float):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(drilling, "versions", stopped)
    assert command("drill", "lstm_cell") == 1
    assert "Nothing was saved." in command.out
    assert command("drill", "lstm_cell") == 1
    assert Path("drills/lstm_cell-2/lstm_cell.py").is_file(), "each drill has a folder of its own"


def test_outside_of_a_workspace_it_says_so(command) -> None:
    assert command("drill", "lstm_cell") == 2
    assert "lies in no workspace" in command.err
