"""The worked example of the task: two tunes, AB and B."""

import torch

from grader.checks import Submission, worked

HALF = {(0, 0): 1 / 2, (0, 1): 1 / 4, (0, 2): 1 / 2, (1, 0): 1 / 8, (1, 1): 1 / 2}
"""The probability of the right symbol, by tune and step."""


def example(submission: Submission) -> None:
    """The parts of the task that need no model."""
    characters = submission["vocabulary"](["AB", "B"])
    worked("vocabulary", "A B", characters)
    tunes = [submission["encode"](tune, ["A", "B"]) for tune in ("AB", "B")]
    worked("AB: ids", "1 3 4 2", tunes[0], shape=(4,))
    worked("B: ids", "1 4 2", tunes[1], shape=(3,))
    worked("AB: decoded", "AB", submission["decode"](torch.tensor([1, 3, 4, 2]), ["A", "B"]))
    inputs, targets, mask = submission["batch"](
        [torch.tensor([1, 3, 4, 2]), torch.tensor([1, 4, 2])]
    )
    worked("AB: inputs", "1 3 4", inputs[0], shape=(3,))
    for row, name, answers, counts in ((0, "AB", "3 4 2", "1 1 1"), (1, "B", "4 2 0", "1 1 0")):
        worked(f"{name}: targets", answers, targets[row], shape=(3,))
        worked(f"{name}: mask", counts, mask[row].int(), shape=(3,))
    right = torch.tensor([[3, 4, 2], [4, 2, 0]])
    p = torch.full((2, 3, 5), 0.2, dtype=torch.float64)
    for (row, step), share in HALF.items():
        p[row, step] = (1 - share) / 4
        p[row, step, right[row, step]] = share
    real = torch.tensor([[True, True, True], [True, True, False]])
    worked("bits", "1.6", submission["bits_per_character"](p.log(), right, real), shape=())
    best, stop = submission["early_stop"]([2.0, 1.5, 1.6, 1.5], 2)
    worked("early stopping: best epoch", "1", best)
    worked("early stopping: training", "stops", "stops" if stop else "goes on")
