"""One window on a series: what a model sees, and what it is to forecast."""

import math

import torch

from grader.checks import Submission, record_figure

STEPS, LOOKBACK, HORIZON, START = 60, 24, 8, 15


def picture(submission: Submission) -> None:
    """Cut a noisy wave into windows and draw the one that begins at step 15 where it belongs."""
    noise = 0.2 * torch.randn(STEPS, generator=torch.Generator().manual_seed(0))
    wave = torch.tensor([math.sin(step / 3) + step / 40 for step in range(STEPS)])
    x, y = submission["windows"]((wave + noise)[:, None], LOOKBACK, HORIZON)
    pieces = {
        "series": (0, wave + noise),
        "x: seen": (START, x[START, :, 0]),
        "y: to forecast": (START + LOOKBACK, y[START, :, 0]),
    }
    record_figure(
        f"Window {START} of your {len(x)}: 24 steps in, 8 steps out",
        {name: list(enumerate(piece.tolist(), start=at)) for name, (at, piece) in pieces.items()},
        y="value",
    )
