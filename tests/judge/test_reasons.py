"""A submission that cannot be graded is told why by name, under a secret seed too."""

import pytest

from grader.judge.attempt import Attempt
from grader.judge.forbidden_names import can_be_stopped
from grader.judge.student_copy import student_copy
from grader.submission.read import submission_text
from grader.verdict import Verdict
from grader.wire.messages import Forbidden

CHECKS = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    expect(submission["double"](1), 2, name="the answer")
'''
FORBIDS = '\n[forbidden]\nnames = ["math.ldexp"]\nwhy = "It is what is asked."\n'
UNDER_MAIN = 'put it under `if __name__ == "__main__":`'

WHOLE = {
    "empty": ("", "double.py is empty"),
    "blank": (" \n\n", "double.py is empty"),
    "syntax": ("def double(x:\n    return 2 * x\n", "double.py is not valid Python"),
    "indentation": ("def double(x):\nreturn 2 * x\n", "double.py is not valid Python"),
    "UTF-16": ("def double(x): ...".encode("utf-16"), "double.py is UTF-16 text; save it as UTF-8"),
    "no UTF-8": ("# größe\n".encode("latin-1"), "double.py is not UTF-8 text"),
    "package": ("import nopackage\n", "double.py imports `nopackage`, which is not there"),
    "module inside": ("from os.gone import x\n", "double.py imports `os.gone`, which is not there"),
    "own file": ("from helpers import x\n", "double.py imports `helpers`, which is not there"),
    "name inside": ("from math import gone\n", "double.py cannot be imported: ImportError"),
    "raises": ("x = 1 / 0\n", "importing it raised ZeroDivisionError"),
    "sys.exit": ("import sys\n\nsys.exit(0)\n", UNDER_MAIN),
    "sys.exit at the end": (
        "import sys\n\n\ndef double(x):\n    return 2 * x\n\n\nsys.exit(double(1))\n",
        UNDER_MAIN,
    ),
    "SystemExit": ("raise SystemExit('done')\n", UNDER_MAIN),
    "trains": ("import time\n\nwhile True:\n    time.sleep(1)\n", UNDER_MAIN),
    "forbidden": (
        "import math\n\n\ndef double(x):\n    return math.ldexp(x, 1)\n",
        "It uses math.ldexp (line 5), which this kata does not allow. It is what is asked.",
    ),
}


def graded(made, source: str | bytes) -> Verdict:
    short = "\n[limits]\nload_s = 0.5\n" if source == WHOLE["trains"][0] else ""
    grader = made(CHECKS, toml=FORBIDS + short)
    [kata] = grader.course.katas
    data = source.encode() if isinstance(source, str) else source
    return Attempt(grader.prepared(kata), submission_text(data, "double.py")).verdict()


@pytest.mark.parametrize(("source", "says"), WHOLE.values(), ids=WHOLE)
def test_a_reason_that_depends_on_no_case_is_shown_in_full(made, source, says: str) -> None:
    verdict = graded(made, source)
    assert verdict.points == 0
    assert says in verdict.message
    copy = student_copy(verdict)
    assert copy.message == verdict.message
    assert [check.message for check in copy.checks] == [verdict.message] * len(copy.checks)


NAMES = {
    "class": ("class Double:\n    pass\n", "there is `Double` (line 1)"),
    "capitals": ("\n\ndef DOUBLE(x):\n    return 2 * x\n", "there is `DOUBLE` (line 3)"),
    "spelling": ("def duoble(x):\n    return 2 * x\n", "there is `duoble` (line 1)"),
    "another": ("def halve(x):\n    return x / 2\n", ""),
    "imported": ("from math import dist as doubl\n", ""),
    "nothing": ("x = 1\n", ""),
}


@pytest.mark.parametrize(("source", "beside"), NAMES.values(), ids=NAMES)
def test_a_missing_name_is_told_with_the_one_that_is_meant(made, source: str, beside: str) -> None:
    verdict = graded(made, source)
    [check] = verdict.checks
    assert check.message.startswith("`double` is not there")
    assert "exactly this name" in check.message
    assert (beside in check.message) if beside else ("but there is" not in check.message)
    [theirs] = student_copy(verdict).checks
    asked = "`double` is not there. The kata asks for it under exactly this name."
    assert theirs.message == asked


@pytest.mark.parametrize(
    "source",
    [
        "def double(x):\n    raise ValueError(f'{x}')\n",
        "double = 2.0\n",
        "class Double:\n    pass\n\n\ndef double(x):\n    return Double().x0_27\n",
        "def double(x):\n    raise AttributeError('`double` is not there. The kata asks for it')\n",
    ],
)
def test_what_a_worker_may_have_made_up_stays_with_the_instructor(made, source: str) -> None:
    [theirs] = student_copy(graded(made, source)).checks
    assert theirs.message == "The details stay with the instructor."


RUN_TIME = (
    "import math\n\n\ndef double(x):\n    return getattr(math, ''.join(['ld', 'exp']))(x, 1)\n"
)


def test_a_call_that_is_stopped_when_it_runs_is_told_in_full(made) -> None:
    """What the guard stops while a case is asked has a name that exists, and nothing else."""
    verdict = graded(made, RUN_TIME)
    assert verdict.status == "FORBIDDEN"
    [theirs] = student_copy(verdict).checks
    assert theirs.message == (
        "It uses math.ldexp, which this kata does not allow. It is what is asked."
    )


RULES = Forbidden(("torch.nn.LSTM", "math.ldexp"), ("lstm",), ("keras",), ("torch._decomp",), True)


@pytest.mark.parametrize(
    ("name", "asked", "loading"),
    [
        ("math.ldexp", True, True),
        ("torch.nn.LSTM.forward", True, True),
        ("torch.lstm_cell", True, True),
        ("torch._thnn_fused_lstm_cell", True, True),
        ("keras", True, True),
        ("torch.autograd", True, True),
        ("torch._decomp.decompositions", True, True),
        ("torch.nn.LSTM.x0_27", False, True),
        ("keras.layers", False, True),
        ("torch.lstm_0_27", False, False),
        ("torch.lstm_cell.x0_27", False, False),
        ("math.ldexp_0_27", False, False),
        ("math.exp", False, False),
        ("", False, False),
        ("torch.nn.LSTM." + "x" * 500, False, False),
    ],
)
def test_only_names_that_exist_are_believed(name: str, asked: bool, loading: bool) -> None:
    assert can_be_stopped(name, RULES) is asked
    assert can_be_stopped(name, RULES, loading=True) is loading
