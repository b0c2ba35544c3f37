"""What the learner's weights hold, and when they show it."""

import torch

from grader.checks import Submission, record_figure
from grader.checks.weights import run

STEPS = 63
WRITES = {5: 2.0, 35: -2.0}  # the value that is written at a step
SHOWS = (*range(15, 22), *range(45, 52))


def picture(submission: Submission) -> None:
    """Run torch's LSTM over random values: two are written, and each is shown for a while."""
    xs = torch.zeros(STEPS, 1, 3)
    xs[:, 0, 0] = torch.rand(STEPS, generator=torch.Generator().manual_seed(0)) * 4 - 2
    for step, value in WRITES.items():
        xs[step - 1, 0, :2] = torch.tensor([value, 1.0])
    for step in SHOWS:
        xs[step - 1, 0, 2] = 1.0
    _, cs, hs = run(submission["hide_and_reveal"](), xs)
    record_figure(
        "Your cell knows all the time (c), and says it twice (h)",
        {
            "c": list(enumerate(cs[:, 0].tolist(), start=1)),
            "h": list(enumerate(hs[:, 0].tolist(), start=1)),
        },
        y="state",
    )
