"""Where three queries look in a sequence of sixty steps, of which the last twelve are padding."""

import torch

from grader.checks import Submission, record_figure

STEPS, REAL = 60, 48


def picture(submission: Submission) -> None:
    """Keys change slowly from step to step; two queries ask for a place, one asks for nothing."""
    phases = torch.arange(STEPS)[:, None] / STEPS * torch.tensor([1.0, 2.0, 3.0, 4.0]) * torch.pi
    k = torch.cat((phases.sin(), phases.cos()), dim=1)
    q = torch.stack((8.0 * k[12], 4.0 * k[36], torch.zeros(8)))
    v = torch.zeros(1, STEPS, 1)
    _, weights = submission["attend"](q[None], k[None], v, torch.arange(STEPS)[None] < REAL)
    names = ("asks for step 13", "for 37, softly", "for nothing")
    record_figure(
        "Where three queries look; the steps after 48 are padding",
        {
            name: list(enumerate(weight.tolist(), start=1))
            for name, weight in zip(names, weights[0], strict=True)
        },
        y="weight",
    )
