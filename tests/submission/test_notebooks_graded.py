"""Notebooks as they are handed in, through the seam: what is graded, and what is said about it."""

import json
from dataclasses import dataclass

import pytest

from grader.submission.find import SubmissionFile, find_submissions
from tests.gate import each

HEAD = "import torch"
SIGNATURE = "def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):"
BODY = """
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
"""
RIGHT = f"{HEAD}\n\n{SIGNATURE}{BODY}"
DEF = f"{SIGNATURE}{BODY}"
WRONG = f"{HEAD}\n{SIGNATURE}\n    return h, c"
STUB = f"{HEAD}\n{SIGNATURE}\n    raise NotImplementedError"
LOOP = "while True:\n    pass"
WITH_HELPER = DEF.replace("torch.sigmoid", "squash")
HELPER = "def squash(x):\n    return torch.sigmoid(x)"
WITH_SIZES = DEF.replace("chunk(4", "chunk(GATES")


@dataclass
class Book:
    """A notebook: its code cells, each with its tags, and what the verdict must be.

    `says` occurs in the notes, the message or the place; `silent` occurs nowhere in them.
    """

    cells: list
    status: str = "PASSED"
    says: str = ""
    silent: str = ""


BOOKS = {
    # IPython's lines and surroundings
    "time as the cell's magic": Book([f"%%time\n{RIGHT}"]),
    "capture": Book([f"%%capture out --no-stderr\n{RIGHT}"]),
    "empty lines before a cell magic": Book([f"\n\n%%time\n{RIGHT}"]),
    "shell lines": Book([f"x = !ls\nfiles = %sx ls\n%matplotlib inline\n!pip install x\n{RIGHT}"]),
    "help": Book([f"{RIGHT}\nlstm_cell?\n?torch\ntorch.nn??"]),
    "time of one line": Book([f"%time import torch\n%time GATES = 4\n{WITH_SIZES}"]),
    "time as a value": Book([f"import torch\nGATES = %time 2 + 2\n{WITH_SIZES}"]),
    "a magic alone under if": Book([f"if True:\n    %pwd\n{RIGHT}"]),
    "a magic over two lines": Book([f"!pip install numpy \\\n    torch\n{RIGHT}"]),
    "display and get_ipython": Book(
        [f"display(1)\nget_ipython().run_line_magic('pwd', '')\n{RIGHT}"]
    ),
    "colab": Book([f"from google.colab import drive\ndrive.mount('/content')\n{RIGHT}"]),
    "IPython.display": Book(
        [f"from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\n{RIGHT}"]
    ),
    "a percent sign that is Python": Book([f"n = (7\n% 3)\ns = '''\n%d\n!x\n''' % 3\n{RIGHT}"]),
    "prompts": Book([">>> " + RIGHT.strip().replace("\n", "\n... ")]),
    "an indented cell": Book(["\n".join(f"    {line}" for line in RIGHT.split("\n"))]),
    "Windows line ends": Book([RIGHT.replace("\n", "\r\n")]),
    "another language": Book(["%%bash\nls", RIGHT, "%%html\n<b>x</b>", "%%writefile a.py\nx = ("]),
    "written into a file": Book(
        [f"%%writefile lstm_cell.py\n{RIGHT}"], "FAILED",
        says="Cell 1 begins with %%writefile, so the notebook does not run the `lstm_cell` in it",
    ),
    "written into a file, and defined": Book(
        [f"%%writefile lstm_cell.py\n{RIGHT}", RIGHT], silent="writefile"
    ),
    "more of colab": Book(
        ["from google.colab.patches import cv2_imshow\nfrom google.colab import output, files\n"
         "with output.use_tags('x'):\n    for name in files.upload()['a']:\n        pass\n"
         f"cv2_imshow(3)\n{RIGHT}"]
    ),
    "widgets": Book(
        ["import ipywidgets as widgets\nfrom IPython.core.magic import register_line_magic\n"
         "out = widgets.Output(layout={})\nwith out:\n    pass\n"
         f"@widgets.interact(x=3)\ndef shown(x):\n    pass\n{RIGHT}"]
    ),
    "a plot beside IPython's modules": Book(
        ["from IPython.display import display\nimport matplotlib.pyplot as plt\n"
         f"plt.plot([1, 2])\nplt.show()\n{RIGHT}"]
    ),
    "await before the answer": Book([f"import asyncio\nawait asyncio.sleep(0)\n{RIGHT}"]),
    "await behind the answer": Book(
        [f"{RIGHT}\nasync with missing:\n    pass"], says="Cell 1 stopped at line 9. NameError"
    ),
    "await over cells": Book(
        [HEAD, "async def four():\n    return 4", "GATES = await four()", WITH_SIZES]
    ),
    "the magic kata": Book([WRONG, f"%%kata lstm/lstm_cell\n{RIGHT}", WRONG], says="it is tagged"),
    # scratch
    "scratch that raises": Book(["1 / 0", RIGHT, "undefined"], says="cells 1 and 3"),
    "scratch that does not parse": Book(
        ["def broken(:", RIGHT, "x = ("], says="Cell 1 is left out. It does not parse (line 1"
    ),
    "scratch that loops before": Book([LOOP, RIGHT], says="cell 1"),
    "scratch that loops after": Book([RIGHT, LOOP]),
    "scratch that ends the program": Book(["import sys\nsys.exit()", RIGHT, "exit()"]),
    "scratch that ends it in the cell of the answer": Book(
        [f"{RIGHT}\nquit()"], says="Cell 1 stopped at line 9. SystemExit"
    ),
    "scratch that is interrupted": Book(["raise KeyboardInterrupt", RIGHT]),
    "scratch that kills the process": Book(["import os\nos._exit(3)", RIGHT]),
    "scratch that fills the memory": Book(["x = [0] * 10**12", RIGHT]),
    "scratch that asks": Book(["n = input()", RIGHT]),
    "scratch that is forbidden": Book(
        [RIGHT, "import torch\ntorch.nn.LSTMCell(2, 3)(torch.ones(1, 2))"]
    ),
    "scratch that trains with the answer": Book(
        [RIGHT, "for step in range(10**9):\n    lstm_cell(*inputs)"]
    ),
    "scratch whose variables are locals of the answer": Book(
        ["gates = 1 / 0\nx = h = c = i = undefined", RIGHT]
    ),
    "scratch that draws": Book(["import nowhere\nnowhere.plot()", RIGHT]),
    "scratch with await": Book([RIGHT, "await something()"]),
    "scratch with return": Book([RIGHT, "return 3"]),
    "scratch that changes a module": Book([RIGHT, "import torch\ntorch.nn.Module.x = 1 / 0"]),
    "scratch in the cell of the answer": Book(
        [f"{RIGHT}\nprint(lstm_cell(1))"], says="Cell 1 stopped at line 9. TypeError"
    ),
    "a loop in the cell of the answer": Book(
        [f"{RIGHT}\n{LOOP}"], says="Cell 1 stopped at line 9. It was still running after"
    ),
    "a loop that catches all": Book(
        [f"{RIGHT}\nimport time\ntry:\n    time.sleep(99)\nexcept BaseException:\n    pass"]
    ),
    "only scratch": Book(["x = 1", "y = 2"], "FAILED", says="`lstm_cell` is not there"),
    "no code": Book([], "FAILED", says="is empty"),
    # what the answer needs
    "imports in a cell of their own": Book([HEAD, DEF]),
    "a helper": Book([HEAD, HELPER, WITH_HELPER]),
    "a helper behind": Book([HEAD, WITH_HELPER, HELPER]),
    "imports behind all": Book([WITH_HELPER, HELPER, HEAD]),
    "an import for an annotation behind": Book([DEF.replace("(x,", "(x: torch.Tensor,"), HEAD]),
    "the last helper counts": Book([HEAD, "def squash(x):\n    return x", WITH_HELPER, HELPER]),
    "a constant": Book([HEAD, "GATES = 2", "GATES += 2", WITH_SIZES]),
    "a constant that is changed": Book(
        [HEAD, "G = {}", "G['n'] = 4", DEF.replace("chunk(4", "chunk(G['n']")]
    ),
    "a list that grows": Book([HEAD, "G = []", "G.append(4)", DEF.replace("chunk(4", "chunk(*G")]),
    "a star": Book(["from torch import *", HEAD, DEF.replace("torch.sigmoid", "sigmoid")]),
    "annotations of the future": Book(
        ["from __future__ import annotations", RIGHT.replace("(x,", "(x: Tensor,")]
    ),
    "a wrapped answer": Book(
        [RIGHT, "import functools", "lstm_cell = functools.partial(lstm_cell)"],
        says="Cell 3 counts",
    ),
    "a class in parts": Book(
        [HEAD, "class Cell:\n    pass", f"def step{DEF.removeprefix('def lstm_cell')}",
         "Cell.step = staticmethod(step)", "lstm_cell = Cell.step"]
    ),
    "defined as it runs": Book([HEAD, f"exec({DEF!r})"]),
    "in a branch": Book([f"{HEAD}\nif True:\n    " + DEF.strip().replace("\n", "\n    ")]),
    # two answers
    "the last counts": Book([WRONG, RIGHT], says="`lstm_cell` is defined in cells 1 and 2. Cell 2"),
    "the last counts, and is wrong": Book([RIGHT, WRONG], "FAILED", says="Cell 2 counts"),
    "a second on a condition that does not hold": Book(
        [RIGHT, "if False:\n    " + WRONG.replace("\n", "\n    ")],
        says="`lstm_cell` is defined in cells 1 and 2. Cell 2 does so on a condition.",
    ),
    "a second on a condition that holds": Book(
        [RIGHT, "if True:\n    " + WRONG.replace("\n", "\n    ")], "FAILED"
    ),
    "a broken second": Book([RIGHT, "def lstm_cell(x:"], says="Cell 2 is left out"),
    "a tag counts": Book([(RIGHT, ["kata:lstm/lstm_cell"]), WRONG], says="Cell 1 counts"),
    "a short tag counts": Book([(RIGHT, ["x", "kata"]), WRONG]),
    "a tag for another kata": Book([(WRONG, ["kata:gru/gru_cell"]), RIGHT], says="Cell 2 counts"),
    "a tagged cell that is broken": Book(
        [RIGHT, (f"{HEAD}\ndef lstm_cell(x:", ["kata:lstm_cell"])],
        "FAILED", says="cell 2, line 2",
    ),
    "a tagged helper": Book(
        [(HEAD, ["kata"]), (f"{HELPER}\n{WITH_HELPER}", ["kata"]), "def squash(x):\n    return x"]
    ),
    "odd tags": Book([(RIGHT, [3, None, {}, "kata:" + "x" * 999, "kata: lstm_cell"]), "x = 1"]),
    # what is needed and fails
    "a needed cell raises": Book(
        [HEAD, f"n = 1\nn / 0\n{DEF}"], "FAILED", says="cell 2, line 2", silent="line 6"
    ),
    "a needed cell loops": Book(
        [HEAD, f"{LOOP}\n{DEF}"], "TIMED_OUT", says="still running after"
    ),
    "a needed cell ends the program": Book(
        [f"import sys\nsys.exit()\n{RIGHT}"], "FAILED", says="SystemExit"
    ),
    "a needed cell does not parse": Book(
        ["x = 1 / 0", f"{HEAD}\n{SIGNATURE}\n    return (h"], "FAILED", says="cell 2, line 3"
    ),
    "a needed cell is forbidden": Book(
        ["import torch", "from torch import nn\nlstm_cell = nn.LSTMCell(2, 3)"],
        "FORBIDDEN", says="cell 2, line 2",
    ),
    "a missing package": Book([f"import numbr\n{RIGHT}"], "FAILED", says="numbr"),
    "a stub": Book([STUB, "lstm_cell()"], "NOT_IMPLEMENTED"),
    "wrong values": Book(["x = 1", WRONG], "FAILED"),
    "wrong values have a place": Book(
        ["x = 1", RIGHT.replace("torch.tanh(g)", "torch.sigmoid(g)")],
        "FAILED", says="lstm_cell.ipynb, cell 2, line 6",
    ),
    "it raises when called": Book(
        ["x = 1", f"{HEAD}\n{SIGNATURE}\n    return missing"], "FAILED",
        says="lstm_cell.ipynb, cell 2, line 3",
    ),
    "another spelling": Book(
        ["x = 1", RIGHT.replace("lstm_cell", "lstmCell"), "lstmCell"], "FAILED",
        says="`lstmCell` (cell 2, line 3)",
    ),
}  # fmt: skip


def notebook(cells: list) -> bytes:
    """Code cells (a source, or a source with tags) as a notebook, with words between them."""
    made = []
    for one in cells:
        source, tags = (one, None) if isinstance(one, str) else one
        metadata = {} if tags is None else {"tags": tags}
        code = {"cell_type": "code", "metadata": metadata, "source": source}
        made += [code | {"outputs": [], "execution_count": None}]
        made += [{"cell_type": "markdown", "metadata": {}, "source": "# A title\n`def`"}]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}).encode()


def large(cells: list) -> bytes:
    """A notebook with pictures of some megabytes among its outputs."""
    book = json.loads(notebook(cells))
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 700_000}}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [picture] * 4
    return json.dumps(book).encode()


def told(verdict) -> str:
    """All that a verdict says about a notebook."""
    places = [verdict.location]
    for check in verdict.checks:
        places += [check.location, check.suspect]
    said = [*verdict.notes, verdict.message, *(check.message for check in verdict.checks)]
    return "\n".join([*said, *(place.where for place in places if place)])


@pytest.mark.parametrize("name", each(BOOKS, 3))
def test_a_notebook_is_graded_as_it_should_be(grader, kata, tmp_path, name: str) -> None:
    book = BOOKS[name]
    path = tmp_path / "lstm_cell.ipynb"
    path.write_bytes(notebook(book.cells))
    verdict = grader.grade(SubmissionFile(kata, path))
    assert (verdict.status, verdict.message if book.status == "PASSED" else "") == (book.status, "")
    assert book.says in told(verdict)
    assert not book.silent or book.silent not in told(verdict)


@pytest.mark.parametrize("name", ["lstm_cell.IPYNB", "lstm_cell.ipynb.json", "Lstm-Cell (1).ipynb"])
def test_a_notebook_is_one_however_its_name_was_saved(grader, course, tmp_path, name: str) -> None:
    (tmp_path / name).write_bytes(notebook([RIGHT]))
    [found] = find_submissions(course, [name], None, start=tmp_path)
    assert grader.grade(found).status == "PASSED"


def test_pictures_among_the_outputs_cost_nothing(grader, course, kata, tmp_path) -> None:
    """Also where only the tags of its cells say which katas it answers."""
    path = tmp_path / "mine.ipynb"
    path.write_bytes(large([(RIGHT, ["kata:lstm/lstm_cell"]), "x = 1"]))
    [found] = find_submissions(course, ["mine.ipynb"], None, start=tmp_path)
    assert found.kata == kata
    assert grader.grade(found).status == "PASSED"
