"""NumPy code is followed line by line: what each made, and of what."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.wire.messages import Step
from grader.worker.lines import traced_lines
from grader.worker.trace import RETURNED

X = np.array([[1.0, 2.0], [3.0, 4.0]])
HEAD = "import numpy as np\n\n\n"


def traced(folder: Path, source: str) -> list[tuple[Step, np.ndarray]]:
    """The steps of `f(X)`, with what each gave."""
    path = folder / "f.py"
    path.write_text(HEAD + source, encoding="utf-8")
    space: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    x = X.copy()
    _, found = traced_lines(lambda: space["f"](x), (x,), str(path))
    return list(zip(found.steps, found.values, strict=True))


def of_line(steps: list[tuple[Step, np.ndarray]], line: int) -> list[tuple[Step, np.ndarray]]:
    return [one for one in steps if one[0].line == line]


def test_parts_of_an_assignment_and_of_a_return_are_told_apart(tmp_path: Path) -> None:
    steps = traced(
        tmp_path,
        "def f(x):\n    a, b = x + 1, x * 2\n    c = [a * 3, b * 3]\n    return a - 1, c\n",
    )
    assert [(step.line, step.given) for step, _ in steps] == [
        *((5, (-1,)), (5, (-1,))),
        *((6, (0,)), (6, (1,))),
        (7, (0,)),
    ]
    first, second = (step for step, _ in of_line(steps, 5))
    assert (first.column, first.end, second.column) == (12, 17, 19)


def test_only_what_a_line_has_changed_is_its_own(tmp_path: Path) -> None:
    steps = traced(
        tmp_path,
        "def f(x):\n    out = np.empty((2, 2))\n    out[:, 0] = 0.0\n    out[:] = -7.5\n"
        "    out[0] = x[0] * 2\n    out[1, 1] += 1\n    return out\n",
    )
    made, *_ = of_line(steps, 5)
    assert made[0].operation == "empty_like"
    assert of_line(steps, 7)[0][1].tolist()[-1] == -7.5
    [(step, value)] = of_line(steps, 8)
    assert value.tolist() == [2.0, 4.0]
    assert -1 in step.given
    [(_, value)] = of_line(steps, 9)
    assert value.tolist() == [-6.5]
    assert not of_line(steps, 10)


@pytest.mark.parametrize(
    "body",
    [
        "    return g(x * 5)\n\n\ndef g(y):\n    return y + 1\n",
        "    steps = []\n    steps.append(x * 5)\n    return steps[0] + 1\n",
        "    s = {}\n    s['a'] = x * 5\n    return s['a'] + 1\n",
        "    s = Held()\n    s.a = x * 5\n    return s.a + 1\n\n\nclass Held:\n    b = None\n",
        "    for y in [x * 5]:\n        z = y + 1\n    return z\n",
    ],
    ids=["passed on", "appended", "in a dict", "in an object", "looped over"],
)
def test_a_way_through_calls_and_containers_is_followed(tmp_path: Path, body: str) -> None:
    steps = traced(tmp_path, "def f(x):\n" + body)
    number = next(n for n, (_, value) in enumerate(steps) if np.array_equal(value, X * 5))
    [step] = [step for step, value in steps if np.array_equal(value, X * 5 + 1)]
    assert steps[number][0].given == (-1,)
    assert step.given == (number,)


def test_one_entry_of_a_dict_is_read_by_itself(tmp_path: Path) -> None:
    steps = traced(tmp_path, "def f(x):\n    s = {'a': x * 5, 'b': x * 7}\n    return s['b'] + 1\n")
    assert [step.given for step, _ in steps] == [(-1,), (-1,), (1,)]


def test_an_argument_that_is_returned_has_the_line_that_returns_it(tmp_path: Path) -> None:
    steps = traced(
        tmp_path,
        "def of(x):\n    return x\n\n\ndef f(x):\n    y = x + 1\n    if y.ndim:\n"
        "        return y, of(x)\n    return y\n",
    )
    step, value = steps[-1]
    assert (step.line, step.operation, step.given) == (11, RETURNED, (-1,))
    assert value.tolist() == X.tolist()
