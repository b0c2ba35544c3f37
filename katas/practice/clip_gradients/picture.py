"""Batches of gradients, some of which explode: their norms before and after clipping."""

import torch

from grader.checks import Submission, record_figure

MAX_NORM = 5.0


def picture(submission: Submission) -> None:
    """Clip each batch's gradients to a norm of 5."""
    generator = torch.Generator().manual_seed(4)
    before, after = [], []
    for batch in range(1, 64):
        size = 10 ** (0.3 * float(torch.randn((), generator=generator)))
        size *= 300.0 if batch in (14, 15, 37, 52) else 1.0
        grads = [size * torch.randn(3, generator=generator), size * torch.ones(2, 2)]
        clipped, norm = submission["clip_global_norm"](grads, MAX_NORM)
        before.append((batch, float(norm)))
        after.append((batch, float(torch.cat([grad.flatten() for grad in clipped]).norm())))
    record_figure(
        "Four batches explode, and no step is longer than 5",
        {"before": before, "after": after},
        x="batch",
        y="norm",
        log=True,
    )
