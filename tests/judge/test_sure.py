"""How sure a diagnosis is of itself."""

import pytest
import torch

from grader.judge.attempt import Attempt
from grader.judge.transcript import Said, is_telling
from grader.submission.read import submission_text

BANK = """
[[misconception]]
id = "squared"
title = "Squared"
caught_by = "doubles"
message = "You square."
edits = [{ old = "2 * x", new = "x ** 2" }]
"""
NUMBERS = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    expect(submission["double"](3), 6, name="the answer")
'''
A_WORD = '''
@check()
def doubles(submission):
    """The answer is even."""
    even = submission["double"](3) % 2 == 0
    observe("even", even)
    expect_true(even, "The answer is odd.")
'''


@pytest.mark.parametrize(("checks", "partial"), [(NUMBERS, False), (A_WORD, True)])
def test_a_name_that_stands_on_one_word_says_so(made, checks: str, partial: bool) -> None:
    grader = made(checks, bank=BANK)
    [kata] = grader.course.katas
    wrong = submission_text(b"def double(x):\n    return x ** 2\n", "double.py")
    found = Attempt(grader.prepared(kata), wrong).verdict().diagnosis
    assert found is not None
    assert found.partial == partial
    assert found.headline.startswith("It looks as if") == partial
    assert found.headline.endswith("Squared")


@pytest.mark.parametrize(
    ("values", "telling"),
    [
        (True, False),
        (None, False),
        ([False, (True, None)], False),
        (torch.tensor(True), False),
        ("a word", True),
        (3, True),
        (torch.ones(2), True),
        ({"a": [None, (0.5,)]}, True),
    ],
)
def test_yes_and_no_tell_little(values, telling: bool) -> None:
    assert is_telling((Said("observed", ("what", values)),)) == telling
    assert is_telling((Said("answer", values),)) == telling
    assert is_telling((Said("error", ("ValueError", "")),))
    assert not is_telling((Said("stopped", "TIMED_OUT"),))


TWO_CHECKS = '''
@check()
def doubles_three(submission):
    """The answer to 3 is 6."""
    expect(submission["double"](3), 6, name="the answer")


@check(points=3)
def doubles(submission):
    """The answer is twice x."""
    expect(submission["double"](5), 10, name="the answer")
'''


@pytest.mark.parametrize(("answer", "partial"), [("x ** 2", False), ("9 if x == 3 else 7", True)])
def test_a_name_that_the_main_check_speaks_against_is_not_sure(
    made, answer: str, partial: bool
) -> None:
    bank = BANK.replace('"doubles"', '"doubles_three"')
    grader = made(TWO_CHECKS, bank=bank)
    [kata] = grader.course.katas
    wrong = submission_text(f"def double(x):\n    return {answer}\n".encode(), "double.py")
    found = Attempt(grader.prepared(kata), wrong).verdict().checks[0].diagnosis
    assert found is not None
    assert (found.id, found.partial) == ("squared", partial)


CELL = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    return o * torch.tanh(c), c
"""


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        # As if c were squashed before it is stored, but only behind closed gates.
        ([("f * c", "torch.tanh(f * c)")], None),
        # A mistake that is known, and behind it one that is not.
        ([("i, f, g, o = (x", "f, i, g, o = (x"), ("sigmoid(i)", "sigmoid(2 * i)")], True),
        # The same answers behind closed gates as of another order of the blocks. Two pairs are this
        # very function, since i and g may change places.
        (
            [("i, f, g, o = (x", "f, i, g, o = (x"), ("torch.tanh(g)", "torch.sigmoid(g)")],
            ["sigmoid_candidate"],
        ),
    ],
)
def test_a_name_that_the_main_check_speaks_against_must_be_seen_at_work(
    grader, kata, edits, told
) -> None:
    source = CELL
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    found = grader.attempt_source(kata, source.encode()).verdict().diagnosis
    if told is None:
        assert found is None
    elif told is True:
        assert (found.id, found.partial) == ("forget_and_input_swapped", True)
    else:
        assert [one.id for one in found.both] == told
