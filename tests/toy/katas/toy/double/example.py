"""The worked example of the task: two numbers."""

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """Twice 3, and twice -2."""
    worked("double(3)", "6", submission["double"](3))
    worked("double(-2)", "-4", submission["double"](-2))
