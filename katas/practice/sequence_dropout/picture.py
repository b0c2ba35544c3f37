"""What dropout leaves of 200 features over 50 steps: the learner's, and a fresh mask each step."""

import torch

from grader.checks import Submission, record_figure

STEPS, FEATURES, P = 50, 200, 0.4


def picture(submission: Submission) -> None:
    """Every entry of x is 1; the features are sorted by their mean over the steps."""
    x = torch.ones(1, STEPS, FEATURES)
    yours = submission["sequence_dropout"].seeded(0, x, P, True)
    kept = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) >= P
    fresh = x * kept / (1 - P)
    record_figure(
        "Your mask drops whole features; fresh masks drop a part of each",
        {
            name: list(enumerate(y[0].mean(dim=0).sort().values.tolist(), start=1))
            for name, y in (("fresh masks", fresh), ("yours", yours))
        },
        x="feature, sorted:",
        y="mean",
    )
