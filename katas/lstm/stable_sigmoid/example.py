"""The worked example of the task: five numbers."""

import numpy as np

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """σ of each."""
    x = np.array([-1000.0, -3.0, 0.0, 3.0, 100.0])
    worked("σ(x)", "0 0.047426 0.5 0.952574 1", submission["sigmoid"](x), shape=(5,))
