"""No answer, whatever it is and whenever it comes, makes a check stumble: the grader's errors are
never a learner's way out.

Each submission is the kata's own solution, whose functions answer rubbish from the n-th call on.
"""

import pytest

from grader.course.catalog import built_in_course
from grader.course.kata import Kata
from grader.judge.grader import Grader
from tests.gate import few

KATAS = [pytest.param(kata, id=kata.name) for kata in built_in_course().katas]
STARTS = (1, 2, 4, 9, 23, 60)
KINDS = {
    "None": "None",
    "text": "'text'",
    "number": "3",
    "nothing": "()",
    "many": "[None] * 9",
    "object": "object()",
    "array": "numpy.zeros((2, 0, 1))",
    "nan": "numpy.full(3, numpy.nan)",
    "objects": "tuple(object() for _ in range(len(answer)))",
    "nones": "type(answer)(None for _ in answer) if isinstance(answer, (tuple, list)) else None",
    "longer": "answer + answer[:1] if isinstance(answer, (tuple, list)) else [answer]",
    "cut": "answer[:0]",
    "scalar": "answer.sum() if hasattr(answer, 'sum') else 0.5",
    "wrapped": "(answer, answer)",
    "whole": "answer.astype(int) if hasattr(answer, 'astype') else answer.long()",
}
RUBBISH = """

def _spoil():
    import functools
    import inspect
    import itertools
    import types

    import numpy

    calls = itertools.count(1)

    def spoilt(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            answer = function(*args, **kwargs)
            if next(calls) < {start}:
                return answer
            try:
                return {kind}
            except Exception:
                return None

        return wrapper

    for name, value in list(globals().items()):
        if isinstance(value, types.FunctionType) and not name.startswith("_"):
            globals()[name] = spoilt(value)
        elif inspect.isclass(value) and value.__module__ == __name__ and "forward" in vars(value):
            value.forward = spoilt(value.forward)


_spoil()
"""


def statuses(kata: Kata, grader: Grader, kind: str, start: int) -> dict[str, str]:
    source = kata.solution.read_text() + RUBBISH.format(kind=KINDS[kind], start=start)
    verdict = grader.attempt_source(kata, source.encode()).verdict()
    return {
        result.name: result.message
        for result in verdict.checks
        if result.status == "INTERNAL_ERROR"
    }


@pytest.mark.full
@pytest.mark.parametrize("kata", KATAS)
def test_rubbish_is_never_an_error_of_ours(kata: Kata, grader: Grader) -> None:
    stumbled = {}
    for kind in KINDS:
        for start in STARTS:
            for name, message in statuses(kata, grader, kind, start).items():
                stumbled.setdefault(name, f"{kind} from call {start} on: {message}")
    assert stumbled == {}


@pytest.mark.parametrize("kind", few(KINDS, 1))
def test_rubbish_in_one_kata(kind: str, kata: Kata, grader: Grader) -> None:
    for start in (1, 6, 40):
        assert statuses(kata, grader, kind, start) == {}
