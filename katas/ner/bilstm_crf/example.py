"""The worked example of the task: features of three words."""

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The part of the task that needs no model."""
    for word, expected in (
        ("Ulley", "ulley Xx ull ley"),
        ("B2B-sale", "b2b-sale XdX-x b2b ale"),
        ("in", "in x in in"),
    ):
        worked(word, expected, submission["word_features"](word))
