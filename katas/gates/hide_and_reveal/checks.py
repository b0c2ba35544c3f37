"""Checks of `hide_and_reveal`: the judge runs the learner's weights and watches c and h."""

from hypothesis import given

from grader.checks import Submission, check
from grader.checks.gates import Latch, Run

CELL = Latch(
    "hide_and_reveal",
    flags=("write", "show"),
    largest=2.0,
    stores=True,
    kinds={  # value, write, show, h before
        "nothing": (0.0, 0.0, 0.0, 0.0),
        "a value": (2.0, 0.0, 0.0, 0.0),
        "a small value": (0.5, 0.0, 0.0, 0.0),
        "a negative value": (-2.0, 0.0, 0.0, 0.0),
        "a value after h": (0.5, 0.0, 0.0, 1.0),
        "a value after -h": (0.5, 0.0, 0.0, -1.0),
        "write": (-0.5, 1.0, 0.0, 0.0),
        "write a positive value": (0.5, 1.0, 0.0, 0.0),
        "write a large value": (2.0, 1.0, 0.0, 0.0),
        "write after h": (-0.5, 1.0, 0.0, 1.0),
        "write after -h": (-0.5, 1.0, 0.0, -1.0),
        "show": (0.0, 0.0, 1.0, 0.0),
        "show and a value": (2.0, 0.0, 1.0, 0.0),
        "write and show": (-0.5, 1.0, 1.0, 0.0),
    },
)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """The answer is four finite tensors, shaped like the weights of nn.LSTMCell(3, 1)."""
    CELL.expect_weights(submission)


@check(points=2, after=returns_four_tensors, examples=12)
@given(run=CELL.runs((1, 6), meets_h=True))
def stores_while_hidden(submission: Submission, run: Run) -> None:
    """While show is 0, c becomes tanh(value) at each step with write 1, and keeps it."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=stores_while_hidden, examples=12)
@given(run=CELL.runs((1, 6), meets_h=True))
def hides(submission: Submission, run: Run) -> None:
    """While show is 0, h stays within 0.01 of 0, whatever c holds."""
    CELL.expect_traces(submission, [run], "h")


@check(points=1, after=hides, examples=12)
@given(run=CELL.runs((1, 6), (1, 6), meets_h=True))
def showing_keeps_c(submission: Submission, run: Run) -> None:
    """Steps with show 1 do not change what c holds, then or later."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=showing_keeps_c, examples=12)
@given(run=CELL.runs((1, 6), (1, 6), meets_h=True))
def reveals_when_asked(submission: Submission, run: Run) -> None:
    """Where show is 1, h is tanh(c). Where show is 0, h is 0."""
    CELL.expect_traces(submission, [run], "h")


@check(points=2, after=reveals_when_asked)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds for 1,000 steps of difficult values, wherever write and show are 1."""
    often = (250, 251, 750), tuple(range(1, 1000, 7))
    always = (), tuple(range(1, 1001))
    runs = CELL.long_runs(((), (1000,)), ((1,), (500, 1000)), often, always)
    CELL.expect_traces(submission, runs, "c", "h")
