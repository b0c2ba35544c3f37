"""The worked example of the task: a layout, pooled losses and temperatures."""

import torch
from torch import Tensor

from grader.checks import Submission, worked

LETTERS = "acehst"


def example(submission: Submission) -> None:
    """The parts of the task that need no model."""
    ids = torch.tensor([LETTERS.index(letter) for letter in "thecatsat"])
    first, second = submission["cut"](ids, 2, 3)
    for row, expected in enumerate(("t h e h e c c a", "a t s t s a a t")):
        given = [letters(part[row]) for chunk in (first, second) for part in chunk]
        worked(f"row {row}: inputs, targets of each chunk", expected, given)

    totals, counts = [], []
    for name, p, expected in (
        ("first", [1 / 2, 1 / 8], "2.7726 2 4.0000"),
        ("second", [1 / 2] * 6, "4.1589 6 2.0000"),
    ):
        right = torch.tensor([p], dtype=torch.float64)
        logits = torch.stack((right, 1 - right), dim=2).log()
        targets = torch.zeros(1, len(p), dtype=torch.int64)
        total, count = submission["cross_entropy"](logits, targets, torch.tensor([len(p)]))
        totals.append(float(total))
        counts.append(int(count))
        alone = submission["perplexity"]([totals[-1]], [counts[-1]])
        worked(f"{name} batch: total, count, perplexity", expected, [total, count, alone])
    pooled = submission["perplexity"](totals, counts)
    bits = submission["bits_per_character"](totals, counts)
    worked("pooled: perplexity, bits", "2.3784 1.2500", [pooled, bits])

    logits = torch.tensor([[2.0, 1.0, 0.0]])
    for heat, expected in (
        (2.0, "0.5065 0.3072 0.1863"),
        (1.0, "0.6652 0.2447 0.0900"),
        (0.5, "0.8668 0.1173 0.0159"),
        (0.0, "1.0000 0.0000 0.0000"),
    ):
        worked(
            f"temperature {heat:g}",
            expected,
            submission["probabilities"](logits, heat),
            shape=(1, 3),
        )


def letters(ids: Tensor) -> list[str]:
    """Ids as letters; a question mark where there is no such letter."""
    return [LETTERS[i] if 0 <= i < len(LETTERS) else "?" for i in ids.tolist()]
