"""The two forms of the GRU beside each other: the same weights, inputs and start."""

import math

import torch

from grader.checks import Submission, record_figure

STEPS, H = 50, 3


def picture(submission: Submission) -> None:
    """Run both forms over a slow wave; the entry of h in which they differ most is drawn."""
    generator = torch.Generator().manual_seed(2)
    w_ih, w_hh = (2 * torch.randn(3 * H, n, generator=generator) for n in (1, H))
    b_ih, b_hh = (torch.randn(3 * H, generator=generator) for _ in range(2))
    runs = {}
    for form in ("before", "after"):
        h, hs = torch.zeros(1, H), []
        for step in range(STEPS):
            x = torch.tensor([[math.sin(step / 6)]])
            h = submission[f"gru_reset_{form}"](x, h, w_ih, w_hh, b_ih, b_hh)
            hs.append(h[0])
        runs[f"reset {form}"] = torch.stack(hs)
    before, after = runs.values()
    unit = int((before - after).abs().sum(dim=0).argmax())
    record_figure(
        "Same weights, same inputs, and another h: your two forms of the GRU",
        {name: list(enumerate(hs[:, unit].tolist(), start=1)) for name, hs in runs.items()},
        y="h",
    )
