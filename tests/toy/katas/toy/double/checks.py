"""Checks of the toy kata."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, expect


@check(points=2, examples=10)
@given(x=st.integers(3, 50))
def doubles(submission: Submission, x: int) -> None:
    """The answer is twice x."""
    expect(submission["double"](x), 2 * x, name="the answer")


@check(points=1, examples=10)
@given(x=st.integers(-50, -3))
def keeps_the_sign(submission: Submission, x: int) -> None:
    """A negative x has a negative answer."""
    expect(submission["double"](x), 2 * x, name="the answer")
