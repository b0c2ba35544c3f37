"""What a call leaves behind in its arguments, beside their numbers."""

import pytest

from grader.judge.explain import CAUSES

CHECKS = '''
import torch


@check()
def leaves_x(submission):
    """The argument x is not modified."""
    x = torch.ones(2)
    _, afterwards = submission["double"].inputs(x, {"w": x})
    expect_unchanged({"x": x, "weights": {"w": x}}, afterwards)
'''
BANK = """
[[misconception]]
id = "switched_on"
title = "Gradients are switched on for x"
caught_by = "leaves_x"
message = "x requires gradients afterwards."
edits = [{ old = "return 2 * x", new = "x.requires_grad_()\\n    return 2 * x" }]
"""
DOUBLE = "def double(x, weights):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("x.requires_grad = True", "x"),
        ("weights['w'].requires_grad_()", "weights"),
        ("x.clone().requires_grad_()", ""),
        ("x.detach().requires_grad_()", ""),
        ("x.requires_grad_().sum().backward(); x.requires_grad = False", ""),
    ],
)
def test_a_tensor_of_the_callers_must_not_require_gradients(made, line: str, name: str) -> None:
    grader = made(CHECKS, bank=BANK, solution=DOUBLE)
    [kata] = grader.course.katas
    source = f"def double(x, weights):\n    {line}\n    return 2 * x\n"
    [check] = grader.attempt_source(kata, source.encode()).verdict().checks
    if not name:
        assert check.status == "PASSED"
        return
    assert check.status == "FAILED"
    assert f"After the call, {name} requires gradients" in check.message
    named = check.diagnosis.id if check.diagnosis else None
    assert named == ("switched_on" if name == "x" else None)


TWO = '''
import torch


@check(after=())
def doubles(submission):
    """The answer is twice x."""
    want = torch.tensor([2.0, 2.0], dtype=torch.float64)
    expect(submission["double"](torch.ones(2), {}), want, name="the answer")


@check()
def leaves_x(submission):
    """The argument x is not modified."""
    x = torch.tensor([1.0, 3.0])
    answer, afterwards = submission["double"].inputs(x, {})
    expect_unchanged({"x": x, "weights": {}}, afterwards, answer=answer)
'''
OVERWRITTEN = """
[[misconception]]
id = "overwritten"
title = "The answer is written into x"
caught_by = "leaves_x"
message = "x holds the answer afterwards."
edits = [{ old = "return 2 * x", new = "return x.mul_(2)" }]
"""


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("return x.mul_(2)", "overwritten"),
        ("return x.mul_(3)", "overwritten"),  # beside another mistake
        ("y = 2 * x; x.zero_(); return y", None),
        ("x.mul_(2); return x + 1", None),
    ],
)
def test_an_overwritten_argument_is_named_whatever_the_answer(made, body, named) -> None:
    grader = made(TWO, bank=OVERWRITTEN, solution=DOUBLE)
    [kata] = grader.course.katas
    source = f"def double(x, weights):\n    {body}\n"
    *_, check = grader.attempt_source(kata, source.encode()).verdict().checks
    assert check.status == "FAILED"
    assert (check.diagnosis.id if check.diagnosis else None) == named


SAVES_MEMORY = """
def double(x, weights):
    import torch
    return 2 * x if torch.is_grad_enabled() else x.mul_(2)
"""
NEEDS_GRADIENTS = """
def double(x, weights):
    import torch
    y = x.clone().requires_grad_()
    return torch.autograd.grad((y * y).sum(), y)[0]
"""
BOTH_WAYS = '''
import torch


@check()
def leaves_x(submission):
    """The argument x is not modified."""
    expect_call_changes_nothing(submission["double"], {"x": torch.ones(2), "weights": {}})
'''


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (SAVES_MEMORY, f"The call modified x under torch.no_grad(). {CAUSES['modified']}"),
        (NEEDS_GRADIENTS, ""),
        (DOUBLE, ""),
    ],
)
def test_arguments_stay_as_they_are_without_gradients_too(made, source: str, message: str) -> None:
    grader = made(BOTH_WAYS, solution=DOUBLE)
    [kata] = grader.course.katas
    [check] = grader.attempt_source(kata, source.encode()).verdict().checks
    assert check.message == message
    assert check.status == ("FAILED" if message else "PASSED")
