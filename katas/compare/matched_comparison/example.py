"""The worked example of the task: equal budgets, and four seeds."""

import numpy as np

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The hidden sizes that 60,800 parameters pay for, and what the scores say."""
    worked("gru: H", "118", submission["matched_hidden_size"]("gru", 60_800, 50))
    worked("rnn: H", "221", submission["matched_hidden_size"]("rnn", 60_800, 50))
    a, b = np.array([0.81, 0.74, 0.86, 0.79]), np.array([0.79, 0.73, 0.83, 0.77])
    difference, low, high, conclusion = submission["compare"](a, b)
    worked("difference", "0.02", difference)
    worked("low", "0.0070", low)
    worked("high", "0.0330", high)
    worked("conclusion", "a is better", conclusion)
