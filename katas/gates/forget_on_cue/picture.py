"""What the learner's weights hold for a thousand steps, and what one cue does to it."""

import torch

from grader.checks import Submission, record_figure
from grader.checks.weights import run

STEPS = 1000
CUE = 700


def picture(submission: Submission) -> None:
    """Run torch's LSTM over random values: in one sequence a cue comes, in the other none."""
    values = torch.rand(STEPS, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    cues = torch.zeros(STEPS, 2)
    cues[CUE - 1, 1] = 1.0
    xs = torch.stack((values, cues), dim=-1)
    _, cs, _ = run(submission["forget_on_cue"](), xs, c0=torch.tensor([0.8, 0.8]))
    record_figure(
        "Your cell holds 0.8 for a thousand steps, or until a cue",
        {
            "no cue": list(enumerate(cs[:, 0].tolist(), start=1)),
            f"cue at step {CUE}": list(enumerate(cs[:, 1].tolist(), start=1)),
        },
        y="c",
    )
