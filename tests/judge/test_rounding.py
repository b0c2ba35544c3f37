"""A diagnosis puts down to rounding what the check puts down to it."""

import math

import pytest
import torch

from grader.judge.attempt import Attempt
from grader.judge.suspect import Entries, equal
from grader.judge.transcript import Said, numbers, same_transcript
from grader.submission.read import submission_text

BANK = """
[[misconception]]
id = "a_third"
title = "A third"
caught_by = "doubles"
message = "You divide by 3."
edits = [{ old = "2 * x", new = "x / 3" }]
"""
CHECK = '''
import torch


@check()
def doubles(submission):
    """The answer is twice x."""
    x = torch.full((3,), 1.0, dtype=torch.float64)
    expect(submission["double"](x), 2 * x, name="the answer"{precision})
'''
COARSE = "import torch\n\n\ndef double(x):\n    return x * torch.tensor(1 / 3).double()\n"


@pytest.mark.parametrize(
    ("precision", "told"), [("", None), (", precision=torch.float32", "a_third")]
)
def test_a_mistake_in_coarser_numbers_is_the_same_where_the_check_allows_for_them(
    made, precision: str, told: str | None
) -> None:
    grader = made(CHECK.format(precision=precision), bank=BANK)
    [kata] = grader.course.katas
    wrong = submission_text(COARSE.encode(), "double.py")
    found = Attempt(grader.prepared(kata), wrong).verdict().diagnosis
    assert (found and found.id) == told


@pytest.mark.parametrize(
    ("rounding", "apart", "same"),
    [(0.0, 1e-6, False), (1e-5, 1e-6, True), (1e-5, 1e-4, False), (1.0, 0.01, False)],
)
def test_no_more_than_the_check_allows_is_rounding(
    rounding: float, apart: float, same: bool
) -> None:
    one = torch.ones(4, dtype=torch.float64)
    for two in ((one, one + apart), (1.0, 1.0 + apart)):
        left, right = (Said("answer", [value], rounding) for value in two)
        assert same_transcript((left,), (right,)) == same


@pytest.mark.parametrize("other", [0.0, 1e300, -math.inf, math.nan])
def test_no_number_is_near_to_infinity(other: float) -> None:
    infinite, finite = (Said("answer", [value], 1e-5) for value in (math.inf, other))
    assert same_transcript((infinite,), (infinite,))
    assert not same_transcript((finite,), (infinite,))
    assert not same_transcript((infinite,), (finite,))


def test_among_many_values_a_coarse_check_makes_few_near() -> None:
    ones = torch.ones(4, dtype=torch.float64)
    for apart, fine, coarse in ((1e-10, True, True), (5e-6, False, True), (1e-3, False, False)):
        one, other = numbers(ones), numbers(ones + apart)
        for rounding, near in ((0.0, fine), (1.0, coarse)):
            assert (other in Entries([one], rounding)) == near
            assert equal(one, other, rounding) == near
