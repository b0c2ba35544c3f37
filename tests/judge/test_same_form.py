"""Where no answers are equal, a mistake is known by the form in which it goes wrong."""

import pytest

from grader.judge.attempt import Attempt
from grader.submission.read import submission_text

CHECK = '''
@check()
def doubles(submission):
    """The answer is twice x, and of 0 it is 0."""
    for x in (5, 7, 0):
        expect(submission["double"](x), 2 * x, name="the answer")
'''
BANK = """
[[misconception]]
id = "tripled_and_zero_refused"
title = "x is tripled, and 0 raises an error"
caught_by = "doubles"
message = "Look at 0."
edits = [{ old = "2 * x", new = "3 * x if x else 1 // x" }]
"""
REFUSAL = '''
@check()
def refuses(submission):
    """What is below 0 is refused."""
    expect_error(submission["double"], -3, type="ValueError", says=(3,), when="x is -3")
'''
REFUSES = """def double(x):
    if x < 0:
        raise ValueError(f"{x} is below 0")
    return 2 * x
"""
ANOTHER_ERROR = """
[[misconception]]
id = "another_error"
title = "AssertionError is raised"
caught_by = "refuses"
message = "Look at the error."
edits = [{ old = "raise ValueError(", new = "raise AssertionError(" }]
"""


def told(grader, source: str) -> list[str]:
    [kata] = grader.course.katas
    read = submission_text(source.encode(), "double.py")
    verdict = Attempt(grader.prepared(kata), read).verdict()
    assert verdict.status == "FAILED"
    return [one.diagnosis.id for one in verdict.checks if one.diagnosis]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("4 * x if x else 1 // x", ["tripled_and_zero_refused"]),
        ("2 * x if x else 1 // x", []),
    ],
)
def test_a_mistake_that_spoils_right_answers_is_another_one(made, answer, names) -> None:
    assert told(made(CHECK, bank=BANK), f"def double(x):\n    return {answer}\n") == names


def test_words_of_an_assertion_do_not_count(made) -> None:
    source = 'def double(x):\n    assert x >= 0, f"x must not be {x}"\n    return 2 * x\n'
    grader = made(REFUSAL, bank=ANOTHER_ERROR, solution=REFUSES)
    assert told(grader, source) == ["another_error"]
