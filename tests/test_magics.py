"""`%load_ext grader` in a real kernel: `%kata` and `%%kata`, and what they show."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from grader.course.catalog import built_in_course
from grader.course.workspace import create_workspace
from grader.errors import UsageError
from grader.magics import Katas

nbclient = pytest.importorskip("nbclient")
COURSE = built_in_course()
KATA = COURSE.find("lstm/lstm_cell")
RIGHT = KATA.solution.read_text()
DEF = RIGHT.partition("import torch\n")[2].strip()


class Kernel:
    """A kernel of its own, in a folder; each call runs one cell there."""

    def __init__(self, folder: Path) -> None:
        self.client = nbclient.NotebookClient(
            nbformat.v4.new_notebook(), timeout=120, allow_errors=True, kernel_name="python3"
        )
        self.client.resources = {"metadata": {"path": str(folder)}}
        self.number = 0

    def __call__(self, source: str) -> dict[str, str]:
        """What a cell puts out, by kind; of several of one kind, one below the other."""
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, self.number)
        self.number += 1
        found: dict[str, str] = {}
        for output in cell.outputs:
            if output.output_type == "stream":
                given = {output.name: output.text}
            elif output.output_type == "error":
                given = {"error": re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))}
            else:
                given = {kind: str(data) for kind, data in output.data.items()}
            for kind, text in given.items():
                found[kind] = found.get(kind, "") + text
        return found


@pytest.fixture(scope="module")
def shared_kernel(tmp_path_factory):
    """One kernel for all tests: a kernel and a sandbox take seconds."""
    folder = tmp_path_factory.mktemp("kernel")
    environment = {"XDG_STATE_HOME": str(folder / "state"), "IPYTHONDIR": str(folder / "ipython")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        kernel = Kernel(folder)
        with kernel.client.setup_kernel():
            assert kernel("%load_ext grader") == {}
            yield kernel


@pytest.fixture
def kernel(shared_kernel):
    """A kernel that knows nothing but the magics."""
    shared_kernel("%reset -f\n%load_ext grader")
    return shared_kernel


@pytest.mark.full
def test_the_cells_that_were_run_are_what_is_checked(kernel) -> None:
    told = kernel("%kata check lstm_cell")
    assert told == {"stderr": "kata: this kernel knows no `lstm_cell`\n"
                    "      Run the cell that defines it first.\n"}  # fmt: skip
    kernel("import torch")
    kernel("n = 1 / 0")
    kernel(DEF.replace("f * c + i * g", "i * c + f * g"))
    told = kernel("%kata check lstm_cell")
    assert "Forget and input gate are swapped" in told["text/plain"]
    assert "Forget and input gate are swapped" in told["text/html"]
    assert "Smallest case found" in told["text/html"]
    assert "kata replay" not in told["text/html"] + told["text/plain"]
    assert f"notebook.ipynb, cell {kernel.number - 1}, line" in told["text/plain"]
    kernel(DEF)
    told = kernel("%kata check")
    assert "passed 13/13" in told["text/plain"]
    assert f"Cell {kernel.number - 1} counts: it is the last." in told["text/plain"]
    assert "✓" in kernel("%kata list")["text/markdown"]


def test_a_cell_of_its_own_is_run_and_checked(kernel) -> None:
    told = kernel(f"%%kata lstm/lstm_cell\n{RIGHT}\nprint('run here')")
    assert told["stdout"].startswith("run here")
    assert "passed 13/13" in told["text/plain"]
    assert kernel("lstm_cell.__name__")["text/plain"] == "'lstm_cell'"
    told = kernel(f"%%kata lstm_cell\nimport torch\n{DEF.replace('torch.tanh(g)', 'g')}")
    assert "failed" in told["text/plain"]
    told = kernel("%%kata lstm_cell\n1 / 0")
    assert "ZeroDivisionError" in told["error"]


def test_what_the_kernel_has_from_a_file_is_checked_there(kernel) -> None:
    """As people work who edit a file beside the notebook, by `%run` or with an import."""
    wrong = RIGHT.replace("torch.tanh(g)", "torch.sigmoid(g)")
    kernel(f"import torch\n{DEF}")
    kernel(f"%%writefile lstm_cell.py\n{wrong}")
    kernel("%run lstm_cell.py")
    told = kernel("%kata check lstm_cell")
    assert "failed" in told["text/plain"]
    assert "lstm_cell.py:42" in told["text/plain"]
    kernel(f"%%writefile lstm_cell.py\n{RIGHT}")
    kernel("from lstm_cell import lstm_cell")
    assert "passed 13/13" in kernel("%kata check")["text/plain"]
    kernel(f"import torch\n{DEF.replace('torch.tanh(g)', 'g')}")
    told = kernel("%kata check")  # defined in a cell again
    assert "failed" in told["text/plain"]
    assert "notebook.ipynb, cell" in told["text/plain"]


def test_what_a_submission_says_is_text(kernel) -> None:
    hostile = "<script>alert(1)</script>"
    told = kernel(
        f"%%kata lstm_cell\nprint('{hostile}')\n"
        f"def lstm_cell(*a):\n    raise ValueError('</div>{hostile}')"
    )
    assert "&lt;script&gt;alert(1)" in told["text/html"]
    assert "<script" not in told["text/html"]
    assert hostile in told["text/plain"]


def test_tasks_hints_and_what_is_next(kernel) -> None:
    # A kata that no other test checks: a hint is the one for what failed last.
    assert "# One step of a recurrent network" in kernel("%kata show rnn_cell")["text/markdown"]
    first, second = (kernel("%kata hint")["text/plain"] for _ in range(2))
    assert first.startswith("Hint 1 of ")
    assert second.startswith("Hint 2 of ")
    assert "- `gru_cell`: " in kernel("%kata show gru")["text/markdown"]
    assert "| `gru/gru_cell` |" in kernel("%kata list")["text/markdown"]
    assert "%kata show " in kernel("%kata next")["text/plain"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%kata", "There are: check, hint, list, next, show."),
        ("%kata chek lstm_cell", "Did you mean %kata check?"),
        ("%kata check lstm_cwll", "Did you mean lstm_cell "),
        ("%kata check lstm_cell gru_cell", "takes less than that: lstm_cell gru_cell"),
        ("%%kata nothing\nx = 1", "there is no kata 'nothing'"),
        ("%%kata lstm_cell --seed 3\nx = 1", "takes a kata, and no more: --seed 3"),
        ("%kata show qqqq", "`%kata list` shows them all."),
    ],
)
def test_what_cannot_be_done_is_one_clear_word(kernel, line: str, said: str) -> None:
    told = kernel(line)
    assert list(told) == ["stderr"]
    assert said in told["stderr"]
    assert told["stderr"].count("\n") <= 2


def test_in_a_workspace_the_file_is_checked_if_nothing_was_run(kernel, tmp_path) -> None:
    list(create_workspace(COURSE, tmp_path / "mine"))
    here = kernel("import os; os.getcwd()")["text/plain"]
    kernel(f"os.chdir({str(tmp_path / 'mine')!r})")
    try:
        told = kernel("%kata check gru_cell")
        assert "not implemented" in told["text/plain"]
        assert "gru_cell.py" in told["text/plain"]
    finally:
        kernel(f"import os; os.chdir({here})")


def test_grading_leaves_the_kernels_torch_alone(kernel) -> None:
    kernel("import torch\ntorch.set_num_threads(2)\ntorch.manual_seed(3)\na = torch.rand(1)")
    kernel(RIGHT)
    kernel("torch.manual_seed(3)")
    assert "passed" in kernel("%kata check lstm_cell")["text/plain"]
    told = kernel("torch.get_num_threads(), bool(torch.rand(1) == a)")
    assert told["text/plain"] == "(2, True)"


def test_a_made_notebook_runs_from_above_to_below(tmp_path, monkeypatch) -> None:
    """As a learner would: made by the command, filled in, run as a whole, handed in."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    start = [sys.executable, "-c", "import sys; from grader.cli.main import main; sys.exit(main())"]
    path = tmp_path / "cells.ipynb"
    made = [*start, "notebook", "lstm_cell", "gru_cell", "-o", str(path)]
    subprocess.run(made, check=True, cwd=tmp_path, env=os.environ | {"COLUMNS": "80"})
    book = nbformat.read(path, as_version=4)
    [cell] = [cell for cell in book.cells if cell.metadata.get("tags") == ["kata:lstm/lstm_cell"]]
    cell.source = RIGHT
    client = nbclient.NotebookClient(book, timeout=120, kernel_name="python3")
    client.resources = {"metadata": {"path": str(tmp_path)}}
    client.execute()
    checks = [cell for cell in book.cells if cell.source.startswith("%kata check")]
    shown = [cell.outputs[-1].data["text/plain"] for cell in checks]
    assert "passed 13/13" in shown[0]
    assert "not implemented" in shown[1]
    nbformat.write(book, path)
    code = subprocess.run([*start, "check", "lstm_cell", "--submission", str(path)], cwd=tmp_path)
    assert code.returncode == 0


def test_a_shell_without_history_is_told() -> None:
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=[""]))
    with pytest.raises(UsageError, match="keeps no history"):
        Katas(shell)._session()
