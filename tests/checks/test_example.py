"""`worked`: when a number of a worked example is given, and what is shown of it."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.example import MOST_CHARACTERS, MOST_ITEMS, stands_in, words_of, worked
from grader.checks.hearing import Hearing, WorkedLine, hearing


def line_of(expected: str, given: object, **options: Any) -> WorkedLine:
    with hearing(Hearing()) as heard:
        worked("y", expected, given, **options)
    [line] = heard.worked
    return line


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5),
    st.integers(1, 5),
    st.integers(0, 4),
    st.sampled_from([-1, 1]),
)
def test_a_number_is_right_as_far_as_it_is_written(numbers, decimals, which, sign) -> None:
    expected = " ".join(f"{number:.{decimals}f}" for number in numbers)
    assert line_of(expected, torch.tensor(numbers, dtype=torch.float64)).right
    which %= len(numbers)
    written = float(f"{numbers[which]:.{decimals}f}")
    wrong = [*numbers]
    wrong[which] = written + sign * 0.6 * 10.0**-decimals
    line = line_of(expected, wrong)
    assert not line.right
    assert float(line.given.split()[which]) != written


@pytest.mark.parametrize(
    ("expected", "given", "right"),
    [
        ("1 0", torch.eye(2)[0], True),
        ("1", 0.9, False),  # a whole number in a task is no rounded one
        ("1,080 2", (1080, 2), True),
        ("1 080", 1080, False),
        ("boundary 0 PER 0 2 None", [("boundary", 0, ("PER", 0, 2), None)], True),
        ("a is better", "a is better", True),
        ("a is better", "b is better", False),
        ("7", "7", True),
        ("7", True, False),
        ("True", True, True),
        ("1", True, False),
        ("nan 2", [math.nan, 2.0], True),
        ("2", math.nan, False),
        ("2", math.inf, False),
        ("2", 10**400, False),
        ("2", [], False),
        ("2", [2, 2], False),
        ("2", {"a": 2}, False),
        ("a 2", {"a": 2}, True),
    ],
)
def test_what_is_given(expected: str, given: object, right: bool) -> None:
    assert line_of(expected, given).right is right


@given(st.lists(st.integers(1, 3), max_size=3), st.integers(0, 4))
def test_numbers_in_another_shape_are_wrong(shape: list[int], which: int) -> None:
    """Squeezed, in a row, with one more axis in front or behind, as lists."""
    right = torch.arange(math.prod(shape)).reshape(shape)
    expected = " ".join(map(str, right.flatten().tolist()))
    assert line_of(expected, right, shape=tuple(shape)).right
    others = (right.squeeze(), right.flatten(), right[None], right.numpy()[..., None])
    found = (*others, right.tolist())[which]
    line = line_of(expected, found, shape=tuple(shape))
    has = tuple(found.shape) if which < len(others) else None if shape else ()
    assert line.right == (has == tuple(shape))
    assert line.shapes == (None if line.right else (tuple(shape), has))


def test_the_audit_can_tell_what_has_no_expected_shape() -> None:
    for array in (torch.ones(1), np.ones(1)):
        assert line_of("1", array).unshaped
        assert not line_of("1", array, shape=(1,)).unshaped
    assert not line_of("1 1", [torch.ones(1), 1.0]).unshaped


def test_a_task_may_allow_more() -> None:
    assert line_of("0.6420", 0.6404, within=0.01).right
    assert not line_of("0.6420", 0.6404).right
    assert not line_of("0.6420", 0.6604, within=0.01).right


@pytest.mark.parametrize("given", [torch.zeros(10**6), ["x" * 10**6] * 1000, [[[0] * 99]] * 99])
def test_what_is_kept_of_an_answer_is_bounded(given: object) -> None:
    line = line_of("1 2", given)
    assert not line.right
    assert line.given.endswith(" ...")
    assert len(line.given) <= (MOST_ITEMS + 1) * (MOST_CHARACTERS + 1)


def test_numbers_stand_in_a_text_as_whole_words() -> None:
    text = "c' = [ 1.8638  -0.4630 ]\n  = (33,280, 7) and 0.5."
    assert stands_in("1.8638 -0.4630", text)
    assert stands_in("33,280 7", text)
    assert stands_in("0.5", text)
    assert not stands_in("1.863", text)
    assert not stands_in("0.4630", text)
    assert not stands_in("-0.4630 7", text)
    assert not stands_in(" ", text)
    assert words_of("(1, 2,000) `a` ...") == ["1", "2000", "a"]
