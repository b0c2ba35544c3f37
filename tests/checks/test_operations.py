"""What an operation's checks ask, and what they leave out while a diagnosis only listens."""

import contextlib

import pytest
import torch

from grader.checks.check import derive
from grader.checks.compare import CheckFailed
from grader.checks.hearing import Hearing, hearing
from grader.checks.operations import Operation
from grader.checks.submission import Target
from grader.wire import Answer


class Recorder(Target):
    """A submission that answers with its first argument and keeps what it was asked."""

    device = "cpu"

    def __init__(self) -> None:
        self.asked = []

    def __getitem__(self, name: str) -> "Recorder":
        return self

    def ask(self, args, kwargs, **options) -> Answer:
        self.asked.append((args, options.get("cotangents"), options.get("wrt")))
        return Answer(0, args[0], gradients=(args[0],) * len(options.get("wrt", ())))


def run_every_check(*, judging: bool) -> tuple[list, int]:
    """What is asked in two checks, and how often the reference was computed."""
    computed = 0

    def reference(x: torch.Tensor) -> torch.Tensor:
        nonlocal computed
        computed += 1
        return 1.0 * x

    operation = Operation("same", {"x": ("N", "I")}, {"y": ("N", "I")}, reference)
    checks = (operation.matches_reference("It is."), operation.gradients("They are."))
    recorder = Recorder()
    with hearing(Hearing(judging=judging)):
        for check in checks:
            for body in check.cases(seed=derive(0, check.name), count=5):
                with contextlib.suppress(CheckFailed):
                    body(recorder)
    return recorder.asked, computed


def test_who_only_listens_asks_the_same_and_computes_no_reference() -> None:
    listened, for_nothing = run_every_check(judging=False)
    judged, computed = run_every_check(judging=True)
    assert for_nothing == 0 < computed
    assert len(listened) == len(judged)
    for (one, *_, wrt), (other, *_, same_wrt) in zip(listened, judged, strict=True):
        assert torch.equal(one[0], other[0])
        assert wrt == same_wrt


def test_what_is_right_is_worked_out_once_for_all_who_are_asked_a_case() -> None:
    computed = []

    def reference(x: torch.Tensor) -> torch.Tensor:
        computed.append(x.dtype)
        return 2.0 * x

    operation = Operation("twice", {"x": ("N", "I")}, {"y": ("N", "I")}, reference)
    checks = (operation.matches_reference("It is."), operation.gradients("They are."))
    bodies = [body for check in checks for body in check.cases(seed=0, count=3)]
    refused = []
    for _ in range(2):
        before = len(computed)
        for body in bodies:
            with hearing(Hearing()):
                try:
                    body(Recorder())
                except CheckFailed:
                    refused.append(body)
        if before:
            assert len(computed) == before, "what was worked out for the first serves the second"
    assert computed
    assert refused == 2 * bodies, "each case still holds what is given against it"


def test_no_tensor_of_a_case_that_fails_is_written_for_nobody(monkeypatch) -> None:
    """Hypothesis writes out such a case twice; what a learner sees is made elsewhere."""

    def write(tensor: torch.Tensor, **_: object) -> str:
        raise AssertionError("a tensor is written out")

    monkeypatch.setattr(torch.Tensor, "__repr__", write)
    twice = Operation("twice", {"x": ("N", "I")}, {"y": ("N", "I")}, lambda x: 2.0 * x)
    with pytest.raises(CheckFailed, match="wrong values"), hearing(Hearing()):
        twice.matches_reference("It is.").run(seed=0, each=lambda body: body(Recorder()))


@pytest.mark.parametrize("declared", [("I", "N"), ("H", "N"), ("N", "I"), ("I", "H"), ("N", "N")])
def test_a_reference_of_another_shape_than_declared_is_told(declared) -> None:
    operation = Operation(
        "product",
        {"x": ("N", "I"), "w": ("I", "H")},
        {"y": declared},
        lambda x, w: x @ w,
    )
    assert f"and ({', '.join(declared)}) is declared" in operation.problem(["x", "w"])


def test_a_reference_of_the_declared_shape_is_no_problem() -> None:
    operation = Operation(
        "product", {"x": ("N", "I"), "w": ("I", "H")}, {"y": ("N", "H")}, lambda x, w: x @ w
    )
    assert operation.problem(["x", "w"]) == ""
