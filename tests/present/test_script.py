"""`kata replay --script`: the case in plain Python gives what the sandbox was given."""

import sys
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from grader.course.catalog import built_in_course
from grader.course.misconceptions import mutant_source
from grader.judge.conversation import RemoteHandle
from grader.judge.grader import Grader
from grader.present.script import script_of
from grader.wire.messages import Call
from tests.gate import few

COURSE = built_in_course()
KATAS = (
    "lstm/lstm_cell",
    "lstm/stable_sigmoid",
    "ner/entity_f1",
    "forecasting/windows",
    "lstm/lstm_backward",
    "lstm/lstm_layer",
    "applications/attention",
)
EACH = 2


def equal(one: Any, other: Any) -> bool:
    """Whether two answers are the same, nan for nan."""
    if isinstance(one, RemoteHandle):
        return True  # an object that stays in the sandbox
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(
            one.detach().nan_to_num(7.0), other.detach().nan_to_num(7.0)
        )
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


@pytest.mark.parametrize("name", few(KATAS, 1))
def test_it_gives_what_the_sandbox_gave(grader: Grader, name, monkeypatch, capsys) -> None:
    kata = COURSE.find(name)
    tried = gradients = 0
    for item in kata.misconceptions:
        source = mutant_source(item, kata.solution, kata.solutions)
        attempt = grader.attempt_source(kata, source)
        attempt.run(item.caught_by)
        exchanges = attempt.exchanges.get(item.caught_by, [])
        attempt.close()
        last = exchanges[-1] if exchanges else None
        if last is None or last.answer is None or not isinstance(last.call, Call):
            continue
        module = ModuleType("mine")
        exec(compile(source, "mine.py", "exec"), module.__dict__)
        monkeypatch.setitem(sys.modules, "mine", module)
        script = script_of(kata, exchanges, module="mine")
        names: dict[str, Any] = {}
        with warnings.catch_warnings(action="ignore"):
            exec(compile(script, "script.py", "exec"), names)
        capsys.readouterr()
        assert equal(last.answer.value, names["answer"]), f"{item.id}\n{script}"
        if last.answer.gradients is not None:
            given = [None if one.grad is None else one.grad for one in names["wanted"]]
            assert equal(list(last.answer.gradients), given), script
            gradients += 1
        tried += 1
        if tried >= EACH and (gradients or tried >= 3 * EACH):
            break
    assert tried
