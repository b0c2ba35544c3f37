"""`grader.check` and `grader.open`: grading from a script."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace
from grader.errors import NotFoundError, UsageError
from grader.verdict import Status, Verdict

COURSE = built_in_course()
CELL = COURSE.find("lstm/lstm_cell")
RIGHT = CELL.solution.read_bytes()
DOC = Path(__file__).parents[1] / "docs" / "python.md"


def test_a_file_a_text_and_a_workspace(lend, tmp_path, monkeypatch) -> None:
    file = tmp_path / "any.py"
    file.write_bytes(RIGHT)
    by_file = grader.check("LSTM_cell", file)
    assert isinstance(by_file, Verdict)
    assert (by_file.kata, by_file.status) == ("lstm/lstm_cell", Status.PASSED)
    with grader.open(seed=3) as session:
        assert session.katas == tuple(kata.name for kata in COURSE.katas)
        by_text = session.check("lstm_cell", source=RIGHT.decode())
        assert (by_text.status, by_text.points) == (by_file.status, by_file.points)
        assert session.check("lstm_cell", source="def").status is Status.FAILED
        list(create_workspace(COURSE, tmp_path / "mine"))
        monkeypatch.chdir(tmp_path / "mine")
        assert session.check("lstm_cell").status is Status.NOT_IMPLEMENTED


def test_the_same_seed_gives_the_same_verdict(lend) -> None:
    wrong = RIGHT.replace(b"f * c", b"i * c")
    assert wrong != RIGHT
    one, same, other = (grader.check("lstm_cell", source=wrong, seed=n) for n in (4, 4, 5))
    cases = [[result.counterexample for result in verdict.checks] for verdict in (one, same, other)]
    assert cases[0] == cases[1] != cases[2]


def test_a_text_that_utf_8_cannot_hold_has_a_verdict(lend) -> None:
    assert grader.check("lstm_cell", source="x = '\ud800'").status is Status.FAILED


def test_what_cannot_be_answered_raises(lend, tmp_path) -> None:
    with pytest.raises(NotFoundError, match="there is no kata"):
        grader.check("lstm_sell")
    with pytest.raises(NotFoundError, match="does not exist"):
        grader.check("lstm_cell", tmp_path / "gone.py")
    with pytest.raises(UsageError, match="not both"):
        grader.check("lstm_cell", tmp_path, source="x = 1")
    with pytest.raises(NotFoundError, match="is no course"):
        grader.check("lstm_cell", source="x = 1", course=tmp_path)
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        grader.chekc  # noqa: B018


def test_the_tab_key_knows_what_scripts_use() -> None:
    assert {"Session", "check", "open"} <= set(dir(grader))


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, grader; assert not {'torch', 'msgspec'} & set(sys.modules); "
        "assert grader.check; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_shows_what_runs(lend, tmp_path, monkeypatch, capsys) -> None:
    if not DOC.is_file():
        pytest.skip("the documentation lies in a checkout")
    folder = tmp_path / "handed-in"
    (folder / "anna").mkdir(parents=True)
    for place in (folder, folder / "anna"):
        (place / "lstm_cell.py").write_bytes(RIGHT)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, str(DOC), "exec"), {})
    out = capsys.readouterr().out
    assert "PASSED 13 13" in out
    assert "handed-in/anna/lstm_cell.py 13" in out
