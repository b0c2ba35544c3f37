"""The worked example of the task: three temperatures, and the way of a tune of two bars."""

import torch

from grader.checks import Submission, worked

END, BAR, OPEN, CLOSE, A, B = range(6)


def example(submission: Submission) -> None:
    """The rows of the first and of the last table."""
    logits = torch.tensor([[2.0, 1.0, 0.0]])
    for heat, shares, kept in (
        (0.5, "0.867 0.117 0.016", "1.000 0 0"),
        (1.0, "0.665 0.245 0.090", "0.731 0.269 0"),
        (2.0, "0.506 0.307 0.186", "0.622 0.378 0"),
    ):
        p = submission["probabilities"](logits, heat)
        worked(f"T = {heat:g}: p", shares, p, shape=(1, 3))
        worked(f"T = {heat:g}: scaled nucleus", kept, submission["nucleus"](p, 0.8), shape=(1, 3))
    durations, tune = torch.tensor([0, 0, 0, 0, 1, 2]), [OPEN, A, A, BAR, B, CLOSE, END]
    found = [submission["follow"](tune[: n + 1], durations, 2) for n in range(len(tune))]
    worked("filled", "0 1 2 0 2 0 0", [filled for filled, _, _ in found])
    worked("bars", "0 0 0 1 1 2 2", [bars for _, bars, _ in found])
    opened = ["yes" if still else "no" for _, _, still in found]
    worked("opened", "yes yes yes yes yes no no", opened)
