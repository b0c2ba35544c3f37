"""`kata notebook`: katas as a notebook, and the way back."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace
from grader.present.notebook import Filled, notebook_of
from grader.submission.notebook import code_of_notebook
from grader.worker.cells import plan

COURSE = built_in_course()
KATA = COURSE.find("lstm/lstm_cell")
OTHER = COURSE.find("gru/gru_cell")
SHORT = [kata for kata in COURSE.katas if len(kata.stub.read_text()) < 6_000][:12]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new workspace, in which one stands."""
    folder = tmp_path / "mine"
    assert all(new for _, new in create_workspace(COURSE, folder))
    monkeypatch.chdir(folder)
    return folder


def code_cells(path: Path) -> dict[str, str]:
    """The tagged cells of a notebook, which is valid."""
    book = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    return {cell.metadata["tags"][0]: cell.source for cell in book.cells if "tags" in cell.metadata}


def test_a_notebook_has_tasks_stubs_and_checks(command) -> None:
    assert command("notebook", "lstm_cell", "gru_cell", "-o", "cells.ipynb") == 0
    cells = code_cells(Path("cells.ipynb"))
    assert cells == {f"kata:{kata.name}": kata.stub.read_text().rstrip() for kata in (KATA, OTHER)}
    book = Path("cells.ipynb").read_text()
    assert "One step of an LSTM" in book
    assert "%kata check gru/gru_cell" in book
    assert "kata check cells.ipynb" in command.out


def test_a_track_is_all_its_katas_once(command) -> None:
    assert command("notebook", "gru", "gru_cell", "-o", "gru.ipynb") == 0
    names = [f"kata:{kata.name}" for kata in COURSE.of_track("gru")]
    assert list(code_cells(Path("gru.ipynb"))) == names


def test_it_begins_with_what_the_learner_has(command, workspace) -> None:
    mine = workspace / "lstm/lstm_cell/lstm_cell.py"
    mine.write_bytes("x = 'σ'\r\nlstm_cell = 3\r\n".encode())
    assert command("notebook", "lstm_cell", "gru_cell", "-o", "notebooks/a.ipynb") == 0
    cells = code_cells(Path("notebooks/a.ipynb"))
    assert cells["kata:lstm/lstm_cell"] == "x = 'σ'\nlstm_cell = 3"
    assert cells["kata:gru/gru_cell"] == OTHER.stub.read_text().rstrip()


def test_what_is_there_is_replaced_only_if_asked(command) -> None:
    assert command("notebook", "lstm_cell", "-o", "a.ipynb") == 0
    Path("a.ipynb").write_text("work")
    assert command("notebook", "gru_cell", "-o", "a.ipynb") == 2
    assert Path("a.ipynb").read_text() == "work"
    assert "--force" in command.err
    assert command("notebook", "gru_cell", "-o", "a.ipynb", "--force") == 0
    assert list(code_cells(Path("a.ipynb"))) == ["kata:gru/gru_cell"]
    assert sorted(path.name for path in Path().iterdir()) == ["a.ipynb"]


def test_what_cannot_be_written_is_told(command, workspace) -> None:
    Path("folder.ipynb").mkdir()
    Path("link.ipynb").symlink_to("elsewhere")
    for path, said in {
        "a.txt": "must end with .ipynb",
        "folder.ipynb": "no regular file",
        "link.ipynb": "no regular file",
        "README/a.ipynb": "cannot be written",
        "lstm/lstm_cell/lstm_cell.ipynb": "a second answer to lstm/lstm_cell",
        "lstm_cell.ipynb": "notebooks/lstm_cell.ipynb",
    }.items():
        Path("README").write_text("a file")
        assert command("notebook", "lstm_cell", "-o", path, "--force") == 2, path
        assert said in command.err, path
    assert command("notebook", "lstm_cwll", "-o", "a.ipynb") == 2
    assert "Did you mean lstm_cell" in command.err
    Path("lstm/lstm_cell/lstm_cell.py").write_bytes(b"\xff\x00")
    assert command("notebook", "lstm_cell", "-o", "a.ipynb") == 2
    assert "move it away to get the stub" in command.err


def test_it_is_checked_as_it_is(command, workspace) -> None:
    Path("lstm/lstm_cell/lstm_cell.py").write_bytes(KATA.solution.read_bytes())
    assert command("notebook", "lstm_cell", "gru_cell", "-o", "two.ipynb") == 0
    assert command("check", "two.ipynb", "--json", "-") == 1
    found = {one["kata"]: one["status"] for one in json.loads(command.out)["verdicts"]}
    assert found == {"gru/gru_cell": "NOT_IMPLEMENTED", "lstm/lstm_cell": "PASSED"}
    assert command("check", "lstm_cell", "--submission", "two.ipynb") == 0
    assert "Not needed" not in command.out
    assert command("check", "lstm", "--submission", "two.ipynb", "--json", "-") == 0
    assert [one["kata"] for one in json.loads(command.out)["verdicts"]] == ["lstm/lstm_cell"]
    assert command("check", "forecasting", "--submission", "two.ipynb") == 2
    assert "It has: lstm/lstm_cell, gru/gru_cell" in command.err


def test_why_and_replay_know_the_cells_of_a_notebook(command, monkeypatch) -> None:
    source = KATA.solution.read_text().replace("torch.tanh(g)", "torch.sigmoid(g)")
    sources = ["import torch", "while True: pass", source.partition("import torch\n")[2], "1 / 0"]
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [code | {"source": text} for text in sources]
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    Path("lstm_cell.ipynb").write_text(json.dumps(book))
    assert command("why", "lstm_cell", "--submission", "lstm_cell.ipynb") == 1
    assert "cell:line" in command.out
    assert re.search(r"3:\d\d +torch\.sigmoid\(g\) .* no: here it goes wrong", command.out)
    debugged = []
    monkeypatch.setattr("pdb.runcall", lambda target, *_, **__: debugged.append(target.__name__))
    assert command("replay", "lstm_cell", "--submission", "lstm_cell.ipynb", "--pdb") == 1
    assert debugged == ["lstm_cell"]


LINES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).map("# {}".format),
        st.sampled_from(["", "    ", "s = '''\n%d\n!x\n?y\n'''", "n = (3\n% 2)", "q = 'x?'  # y?"]),
    ),
    max_size=4,
)


@st.composite
def sources(draw: st.DrawFn) -> tuple:
    """A kata, and its stub or solution with lines that are like IPython's, and are none."""
    kata = draw(st.sampled_from(SHORT))
    path = draw(st.sampled_from([kata.stub, kata.solution, *kata.alternatives]))
    parts = [*draw(LINES), path.read_text(), *draw(LINES)]
    return kata, "\n".join(parts).rstrip()


@given(sources(), sources(), st.randoms(use_true_random=False))
def test_export_then_import_is_the_identity(one, other, chance) -> None:
    given_sources = {kata.name: (kata, text) for kata, text in (one, other)}
    filled = [Filled(kata, text) for kata, text in given_sources.values()]
    book = json.loads(notebook_of(filled, file="a.ipynb"))
    cells = book["cells"]
    scratch = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells += [scratch | {"source": "while True: pass"}, scratch | {"source": "x = ("}]
    chance.shuffle(cells)
    code = code_of_notebook(json.dumps(book).encode())
    for kata, text in given_sources.values():
        places = tuple((cell.line, cell.number, cell.is_for(kata.name)) for cell in code.cells)
        names = tuple(name for name in kata.signatures if "." not in name)
        chosen = plan(code.source, "a.py", places, names)
        [number] = [number for _, number, tagged in places if tagged]
        assert [cell.number for cell in chosen.cells] == [number]
        kept = chosen.source.decode("utf-8", "surrogatepass").split("\n")
        first = next(line for line, _, tagged in places if tagged) - 1
        assert kept[first : first + text.count("\n") + 1] == text.split("\n")
        assert set(kept[:first] + kept[first + text.count("\n") + 2 :]) <= {"#"}
