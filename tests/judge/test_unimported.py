"""A name that is usually imported, in a file that does not: the message says what to write."""

import pytest

from grader.course.catalog import built_in_course
from grader.judge.explain import IMPORTS

KATA = built_in_course().find("memory/rnn_cell")
SOURCE = "def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):\n    {}\n"


def message(grader, line: str) -> str:
    verdict = grader.attempt_source(KATA, SOURCE.format(line).encode()).verdict()
    return verdict.checks[0].message


@pytest.mark.parametrize("name", IMPORTS)
def test_a_usual_name_is_told_with_its_import(name: str, grader) -> None:
    said = message(grader, f"return {name}.tanh(x)")
    assert said.endswith(f"name '{name}' is not defined. At the top of the file: `{IMPORTS[name]}`")


@pytest.mark.parametrize(
    "line",
    [
        "return w_hx @ x",
        "raise NameError(\"name 'np'; import os' is not defined\")",
        "raise ValueError(\"name 'np' is not defined\")",
    ],
)
def test_nothing_else_is(line: str, grader) -> None:
    assert "At the top of the file" not in message(grader, line)
