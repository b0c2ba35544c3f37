"""A mistake that is made in what the seed picks out of a pool, and not in the rest of the pool."""

import pytest

from grader.judge.attempt import Attempt
from grader.submission.read import submission_text

BANK = """
[[misconception]]
id = "{id}"
title = "The answers are {id}"
caught_by = "knows"
message = "Think again."
members = [
    { id = "squares", new = "x ** 2 + 1" },
    { id = "thirds", new = "3 * x" },
]
edits = [{ old = "2 * x", new = "{new}" }]
"""
CHECK = '''
from grader.checks import pick

@check()
@pick("x", (5, 7, 9))
def knows(submission, x):
    """The answer is twice x."""
    expect(submission["double"](x), 2 * x, name="the answer")
'''


SEEDS = range(8)  # each of the three is asked


def told(made, answers: dict[int, int], *, bank: str = BANK) -> set[str | None]:
    """What is told of answers to 5, 7 and 9; None where what the seed asks is right."""
    grader = made(CHECK, bank=bank)
    [kata] = grader.course.katas
    source = submission_text(f"def double(x):\n    return {answers}[x]\n".encode(), "double.py")
    found: set[str | None] = set()
    for seed in SEEDS:
        [one] = Attempt(grader.prepared(kata, seed=seed), source).verdict().checks
        name = one.diagnosis.id if one.diagnosis else "no name"
        found.add(None if one.status == "PASSED" else name)
    return found


@pytest.mark.parametrize("asked", [5, 7, 9])
def test_one_wrong_answer_of_the_pool_has_a_name(made, asked: int) -> None:
    answers = {x: 3 * x if x == asked else 2 * x for x in (5, 7, 9)}
    assert told(made, answers) == {None, "thirds"}


def test_all_of_them_have_it_too(made) -> None:
    assert told(made, {x: 3 * x for x in (5, 7, 9)}) == {"thirds"}


def test_another_wrong_answer_beside_it_is_not_asked(made) -> None:
    assert told(made, {5: 15, 7: 20, 9: 18}) == {None, "no name", "thirds"}
    assert told(made, {5: 15, 7: 50, 9: 82}) == {"thirds", "squares"}


def test_two_mistakes_with_one_answer_have_no_name(made) -> None:
    both = BANK.replace("x ** 2 + 1", "x + 10 if x == 5 else 3 * x + 1")
    assert told(made, {5: 15, 7: 14, 9: 18}, bank=both) == {None, "no name"}
    assert told(made, {5: 10, 7: 21, 9: 18}, bank=both) == {None, "thirds"}
