"""How far back a gradient reaches in a new LSTM: torch's start against the learner's."""

import torch

from grader.checks import Submission, gradients_of, record_figure
from grader.checks.sequences import run_lstm

STEPS, I, H = 100, 8, 32  # noqa: E741


def picture(submission: Submission) -> None:
    """Send a gradient back from h_100, and take its norm at the input of each step."""
    generator = torch.Generator().manual_seed(0)
    shapes = {"weight_ih_l0": (I,), "weight_hh_l0": (H,), "bias_ih_l0": (), "bias_hh_l0": ()}
    torchs = {
        name: (torch.rand(4 * H, *shape, generator=generator) * 2 - 1) / H**0.5
        for name, shape in shapes.items()
    }
    starts = {"torch's": torchs}
    for bias in (1.0, 3.0):
        starts[f"yours, bias {bias:.0f}"] = submission["initialise"].seeded(0, torchs, bias)
    x = torch.randn(1, STEPS, I, generator=generator).requires_grad_()
    zeros, v, curves = torch.zeros(1, H), torch.randn(1, H, generator=generator), {}
    for name, start in starts.items():
        _, h_last, _ = run_lstm(x, zeros, zeros, *(start[key] for key in shapes))
        (gradient,) = gradients_of([h_last], [x], [v])
        curves[name] = list(enumerate(gradient[0].norm(dim=1).tolist(), start=1))
    record_figure(
        "What is left at step t of a gradient sent back from step 100",
        curves,
        x="t",
        y="norm",
        log=True,
    )
