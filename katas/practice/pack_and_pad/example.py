"""The worked example of the task: three sequences of lengths 2, 3 and 1."""

import torch
from torch import Tensor

from grader.checks import Submission, worked

NAMES = ("a0", "a1", "b0", "b1", "b2", "c0")
"""What each step is called; its feature is its place here."""


def example(submission: Submission) -> None:
    """Packed, and taken apart again."""
    sequences = [torch.tensor(steps)[:, None] for steps in ([0.0, 1.0], [2.0, 3.0, 4.0], [5.0])]
    data, batch_sizes, order = submission["pack"](sequences)
    worked("order", "1 0 2", order, shape=(3,))
    worked("batch_sizes", "3 2 1", batch_sizes, shape=(3,))
    worked("data", "b0 a0 c0 b1 a1 b2", named(data))
    packed = torch.tensor([2.0, 0.0, 5.0, 3.0, 1.0, 4.0])[:, None]
    found = submission["unpack"](packed, torch.tensor([3, 2, 1]), torch.tensor([1, 0, 2]))
    for position, expected in enumerate(("a0 a1", "b0 b1 b2", "c0")):
        worked(f"unpacked, position {position}", expected, named(found[position]))


def named(steps: Tensor) -> list[str]:
    """The names of steps; a question mark where there is no such step."""
    known = dict(enumerate(NAMES))
    return [known.get(step, "?") for step in steps.flatten().tolist()]
