"""What a learner's own machine has and the sandbox has not, and what was copied along with code."""

import pytest

HEAD = "import torch\n"
SIGNATURE = "def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):"
BODY = """
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
"""
RIGHT = f"{HEAD}\n{SIGNATURE}{BODY}"
INSIDE = f"{SIGNATURE}{BODY}".replace("\n", "\n    ")


def verdict(grader, kata, source: str):
    return grader.attempt_source(kata, source.encode()).verdict()


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("input()", "leave `input()` out"),
        ("breakpoint()", "use kata replay lstm_cell --pdb"),
        ("import pdb; pdb.set_trace()", "use kata replay lstm_cell --pdb"),
        ("open('data.txt')", "other files of yours are not there"),
        ("import numpy as np; np.load('data.npy')", "other files of yours are not there"),
        ("torch.load('model.pt')", "other files of yours are not there"),
        ("import os; os.chdir('/content')", "other files of yours are not there"),
        ("import urllib.request as u; u.urlopen('http://a.example')", "There is no network here."),
        ("torch.ones(1).cuda()", "There is no GPU here"),
        ("torch.ones(1, device='cuda')", "There is no GPU here"),
        ("raise ValueError('EOF when reading a line')", ""),
    ],
)
@pytest.mark.parametrize("where", ["at the top", "in the function"])
def test_what_is_not_there_is_told_with_what_to_do(
    grader, kata, where: str, line: str, advice: str
) -> None:
    at_top = f"{HEAD}{line}\n{RIGHT}"
    inside = RIGHT.replace("gates =", f"{line}\n    gates =", 1)
    told = verdict(grader, kata, at_top if where == "at the top" else inside)
    said = told.message or told.checks[0].message
    assert advice in said
    assert advice or not any(word in said for word in ("other files", "network", "leave"))


@pytest.mark.parametrize("call", ["exit()", "quit()", "exit(1)", "import sys; sys.exit()"])
def test_a_program_that_ends_itself_is_told(grader, kata, call: str) -> None:
    said = verdict(grader, kata, f"{RIGHT}\n{call}").message
    assert "ends the program while it is imported" in said


@pytest.mark.parametrize(
    "source",
    [
        f"{HEAD}\n@torch.compile\n{SIGNATURE}{BODY}",
        f"{RIGHT}\nlstm_cell = torch.compile(lstm_cell, fullgraph=True)",
    ],
)
def test_torch_compile_changes_nothing(grader, kata, source: str) -> None:
    assert verdict(grader, kata, source).status == "PASSED"


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        (f"%matplotlib inline\n{RIGHT}", "Lines of IPython's belong in a notebook"),
        (f"!pip install torch\n{RIGHT}", "Lines of IPython's belong in a notebook"),
        (f"```python\n{RIGHT}```\n", "This is a mark of Markdown's"),
        (">>> import torch\n", "The prompt was copied too"),
        ("In [1]: import torch\n", "The prompt was copied too"),
        (f"<<<<<<< HEAD\n{RIGHT}=======\n>>>>>>> other\n", "a merge conflict"),
        (f"{RIGHT}>>>>>>> other\n", "a merge conflict"),
        (f"{RIGHT}\nprint 'x'\n", "Did you mean print(...)?"),
        (f"{RIGHT}\nx = (\n", "was never closed."),
    ],
)
def test_what_was_copied_along_is_told(grader, kata, source: str, advice: str) -> None:
    said = verdict(grader, kata, source).message
    assert "is not valid Python" in said
    assert advice in said
    assert "?." not in said


@pytest.mark.parametrize(
    ("source", "beside"),
    [
        (f"{HEAD}class Solution:\n    {INSIDE}", "but there is `Solution.lstm_cell` (line 3)"),
        (f"{HEAD}def outer():\n    {INSIDE}", "but there is `outer.lstm_cell` (line 3)"),
        (
            f"{HEAD}if __name__ == '__main__':\n    {INSIDE}",
            "is not there: what would define it was not run (line 3)",
        ),
        (f"{HEAD}x = 1\n", "is not there. The kata asks for it"),
    ],
)
def test_a_name_that_stands_further_in_is_told(grader, kata, source: str, beside: str) -> None:
    assert beside in verdict(grader, kata, source).checks[0].message


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        (f"{HEAD}async {SIGNATURE}{BODY}", "write `def` without `async`"),
        (RIGHT.replace("return", "yield"), "is `return` meant by `yield`?"),
    ],
)
def test_what_makes_its_answer_later_is_told(grader, kata, source: str, meant: str) -> None:
    assert verdict(grader, kata, source).checks[0].message.endswith(meant)


def test_a_file_that_imports_itself_is_told(grader, kata) -> None:
    said = verdict(grader, kata, "from lstm_cell import lstm_cell\n").message
    assert "is its own name, so from itself" in said
