"""Your counter at work: up with each a, down with each b."""

import torch

from grader.checks import Submission, record_figure
from grader.checks.weights import run

MOST = 30


def picture(submission: Submission) -> None:
    """Run torch's LSTM with the counter's weights over a^30 b^30; one a counts 1."""
    is_a = torch.arange(2 * MOST) < MOST
    xs = torch.stack((is_a, ~is_a), dim=-1).double()[:, None]
    _, cs, hs = run(submission["counter"](), xs)
    unit = float(cs[0, 0])
    record_figure(
        "30 a's up, 30 b's down: c counts them, and h can't leave -1 to 1",
        {
            "c, one a is 1": list(enumerate((cs[:, 0] / unit).tolist(), start=1)),
            "h": list(enumerate(hs[:, 0].tolist(), start=1)),
        },
        y="state",
    )
