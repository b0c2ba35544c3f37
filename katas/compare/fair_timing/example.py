"""The worked example of the task: ten rounds, of which one had a pause."""

import numpy as np

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """What is said of the ten rounds."""
    a = np.array([9.0, 2.0, 2.1, 2.0, 8.0, 2.2, 2.4, 2.0, 1.9, 2.1]) / 1e3
    b = np.array([3.0, 2.5, 2.5, 2.4, 2.5, 2.6, 2.5, 2.6, 2.0, 2.5]) / 1e3
    ratio, low, high, verdict = submission["compare_speed"](a, b)
    worked("ratio", "0.840", ratio)
    worked("low", "0.800", low)
    worked("high", "0.960", high)
    worked("verdict", "faster", verdict)
