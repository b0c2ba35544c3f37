"""Where an argument is written into: by torch, NumPy or plain Python, at its own line."""

import textwrap
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.explain import CAUSES
from grader.worker.watch import Place
from grader.worker.writes import copied, first_write

WRITES: dict[str, tuple[str, Any]] = {
    "in place": ("y = x * 2\nx.mul_(2)\nreturn y", torch.ones(2, 2)),
    "through a view": ("row = x[0]\nrow += 1\nreturn x", torch.ones(2, 2)),
    "past the graph": ("y = x + 1\nx.data[0] = 3\nreturn y", torch.ones(2, requires_grad=True)),
    "through NumPy": ("y = x.numpy()\ny[0] = 7\nreturn x", torch.ones(2)),
    "another shape": ("y = x.sum()\nx.t_()\nreturn y", torch.ones(2, 3)),
    "gradients": ("y = 0\nx.requires_grad_()\nreturn y", torch.ones(2)),
    "an array": ("y = x\ny -= 1\nreturn y", np.ones(2)),
    "a nan": ("y = x[x == x]\nx[0] = 1\nreturn y", np.array([np.nan, 2.0])),
    "a list": ("y = len(x)\nx.sort()\nreturn y", ["b", "a"]),
    "in a list": ("y = x[1]\ny.zero_()\nreturn x", [torch.ones(2), torch.ones(2)]),
    "in a dict": ("y = dict(x)\nx['w'] = 1\nreturn y", {"w": 0}),
    "a tuple's": ("h, c = x\nc.copy_(h)\nreturn c", (torch.zeros(2), torch.ones(2))),
    "a loop's": ("for row in x:\n    row[0] = 0\nreturn x", [[1, 2], [3, 4]]),
}


def written(body: str, argument: Any) -> tuple[str, Place | None]:
    space: dict[str, Any] = {"torch": torch, "np": np}
    source = "def f(x):\n" + textwrap.indent(body, "    ")
    exec(compile(source, "own.py", "exec"), space)
    mine = copied([argument])
    return first_write(lambda: space["f"](mine[0]), mine, "own.py")


@pytest.mark.parametrize(("body", "argument"), WRITES.values(), ids=WRITES)
def test_the_line_that_writes_is_found(body: str, argument: Any) -> None:
    assert written(body, argument) == ("modified", Place(3, "f"))


@pytest.mark.parametrize("argument", [value for _, value in WRITES.values()], ids=WRITES)
def test_what_only_reads_has_none(argument: Any) -> None:
    assert written("y = x\nfor each in x:\n    y = each\nreturn y", argument) == ("", None)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    h_next = ", "    c.neg_()\n    c.neg_()\n    h.mul_(1.5)\n    h_next = "),
        ("    h_next = ", "    with torch.no_grad():\n        h.add_(1)\n    h_next = "),
    ],
)
def test_it_is_told_with_the_check(kata, grader, right: str, wrong: str) -> None:
    source = kata.solution.read_text(encoding="utf-8").replace(right, wrong)
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    failed = next(c for c in verdict.checks if c.name == "leaves_inputs_unchanged")
    assert failed.message == f"The call modified h. {CAUSES['modified']}"
    assert failed.location is not None
    assert failed.location.source.startswith("h.")


def test_a_line_of_a_kata_without_tensors_is_told(course, grader) -> None:
    kata = course.find("ner/tag_schemes")
    source = kata.solution.read_text(encoding="utf-8")
    begin = source.index("def to_spans")
    body = source.index('"""', source.index('"""', begin) + 3) + 3
    added = "\n    tags += []\n    tags.reverse()\n    tags = tags[::-1]"
    own = source[:body] + added + source[body:]
    verdict = grader.attempt_source(kata, own.encode()).verdict()
    [failed] = [check for check in verdict.checks if check.location]
    assert (failed.name, failed.location.source) == ("leaves_inputs_unchanged", "tags.reverse()")
