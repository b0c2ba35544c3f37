"""Checks of `write_on_cue`: the judge runs the learner's weights and watches the memory."""

from hypothesis import given

from grader.checks import Submission, check
from grader.checks.gates import Latch, Run

CELL = Latch(
    "write_on_cue",
    flags=("flag",),
    largest=2.0,
    stores=True,
    kinds={  # value, flag, h before
        "nothing": (0.0, 0.0, 0.0),
        "a value": (2.0, 0.0, 0.0),
        "a small value": (0.5, 0.0, 0.0),
        "a negative value": (-2.0, 0.0, 0.0),
        "a value after h": (0.5, 0.0, 1.0),
        "a value after -h": (0.5, 0.0, -1.0),
        "a flagged zero": (0.0, 1.0, 0.0),
        "a flagged value": (-0.5, 1.0, 0.0),
        "a positive flagged value": (0.5, 1.0, 0.0),
        "a large flagged value": (2.0, 1.0, 0.0),
        "a flagged value after h": (-0.5, 1.0, 1.0),
        "a flagged value after -h": (-0.5, 1.0, -1.0),
    },
)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """The answer is four finite tensors, shaped like the weights of nn.LSTMCell(2, 1)."""
    CELL.expect_weights(submission)


@check(points=2, after=returns_four_tensors, examples=18)
@given(run=CELL.runs(c0=(1.0, -1.0, 0.5, 0.0)))
def holds_while_the_flag_is_0(submission: Submission, run: Run) -> None:
    """While the flag is 0, c stays within 0.01 of c_0 for up to 20 steps, whatever the values."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=holds_while_the_flag_is_0, examples=15)
@given(run=CELL.runs((1, 1), c0=(0.0,)))
def writes_at_the_flag(submission: Submission, run: Run) -> None:
    """If c_0 is 0, c becomes tanh(value) at the step with flag 1, and keeps it."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=writes_at_the_flag, examples=15)
@given(run=CELL.runs((1, 6)))
def replaces_what_was_there(submission: Submission, run: Run) -> None:
    """At each step with flag 1, tanh(value) replaces what c held before."""
    CELL.expect_traces(submission, [run], "c")


@check(points=3, after=replaces_what_was_there)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds for 1,000 steps of difficult values, wherever the flag is 1."""
    flags = ((), (1,), (500,), (250, 251, 750, 1000))
    CELL.expect_traces(submission, CELL.long_runs(*((steps,) for steps in flags)), "c")
