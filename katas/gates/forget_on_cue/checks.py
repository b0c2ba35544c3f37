"""Checks of `forget_on_cue`: the judge runs the learner's weights and watches the memory."""

from hypothesis import given

from grader.checks import Submission, check
from grader.checks.gates import Latch, Run

CELL = Latch(
    "forget_on_cue",
    flags=("cue",),
    largest=1.0,
    stores=False,
    kinds={  # value, cue, h before
        "value 0": (0.0, 0.0, 0.0),
        "value 1": (1.0, 0.0, 0.0),
        "value -1": (-1.0, 0.0, 0.0),
        "cue": (0.0, 1.0, 0.0),
        "value -1 and cue": (-1.0, 1.0, 0.0),
        "value 1 and cue": (1.0, 1.0, 0.0),
        "after h": (0.0, 0.0, 1.0),
        "after -h": (0.0, 0.0, -1.0),
        "cue after h": (0.0, 1.0, 1.0),
        "cue after -h": (0.0, 1.0, -1.0),
    },
)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """The answer is four finite tensors, shaped like the weights of nn.LSTMCell(2, 1)."""
    CELL.expect_weights(submission)


@check(points=2, after=returns_four_tensors, examples=15)
@given(run=CELL.runs(silent=True))
def keeps_in_silence(submission: Submission, run: Run) -> None:
    """While value and cue are 0, c stays within 0.01 of c_0 for up to 20 steps."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=keeps_in_silence, examples=18)
@given(run=CELL.runs())
def ignores_values(submission: Submission, run: Run) -> None:
    """While the cue is 0, c stays within 0.01 of c_0 for up to 20 steps, whatever the values."""
    CELL.expect_traces(submission, [run], "c")


@check(points=2, after=ignores_values, examples=15)
@given(run=CELL.runs((1, 3)))
def erases_at_the_cue(submission: Submission, run: Run) -> None:
    """From the first cue on, c is within 0.01 of 0, whatever follows."""
    CELL.expect_traces(submission, [run], "c")


@check(points=3, after=erases_at_the_cue)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds for 1,000 steps of difficult values, with a cue early, late or never."""
    cues = ((), (1,), (500,), (250, 750, 1000))
    CELL.expect_traces(submission, CELL.long_runs(*((steps,) for steps in cues)), "c")
