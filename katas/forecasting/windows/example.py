"""The worked example of the task: nine steps of one feature, with a gap."""

import torch

from grader.checks import Submission, worked

ROWS = (("1 1 -1", "1 -1 1"), ("-1 1 3", "1 3 2"), ("3 2 4", "2 4 5"))


def example(submission: Submission) -> None:
    """The filled series, its scaler, and the windows of each part."""
    numbers = [6.0, 10.0, float("nan"), 6.0, 10.0, 14.0, 12.0, 16.0, 18.0]
    series = torch.tensor(numbers, dtype=torch.float64)[:, None]
    worked(
        "filled", "6 10 10 6 10 14 12 16 18", submission["fill_from_past"](series, 1), shape=(9, 1)
    )
    mean, std = submission["fit_scaler"](series[:5])
    worked("mean", "8", mean, shape=(1,))
    worked("std", "2", std, shape=(1,))
    *parts, _ = submission["prepare"](series, 2, 1, 5, 7, 1)
    for name, (x, y), rows in zip(("train", "validation", "test"), parts, ROWS, strict=True):
        for n, expected in enumerate(rows):
            worked(f"{name}, window {n}: x, y", expected, [x[n : n + 1], y[n : n + 1]])
