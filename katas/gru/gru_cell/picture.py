"""What the update gate does with a noisy input: a unit that averages, and one that waits."""

import torch

from grader.checks import Submission, record_figure

STEPS = 63
CUES = (10, 40)


def picture(submission: Submission) -> None:
    """One unit with z = 0.9 at every step, one with z = 1 except at two cues, where z = 0."""
    noise = torch.randn(STEPS, generator=torch.Generator().manual_seed(1))
    values = (torch.where(torch.arange(STEPS) < STEPS // 2, 0.8, -0.8) + 0.5 * noise).tolist()
    # Two inputs (value, cue), two units; rows r, z, n of each. The gates and n read no h.
    w_ih = torch.tensor([[0.0, 0.0]] * 3 + [[0.0, -32.0]] + [[1.0, 0.0]] * 2)
    b_ih = torch.tensor([0.0, 0.0, 2.2, 16.0, 0.0, 0.0])
    h, seen = torch.zeros(1, 2), []
    for step, value in enumerate(values, start=1):
        x = torch.tensor([[value, float(step in CUES)]])
        h = submission["gru_cell"](x, h, w_ih, torch.zeros(6, 2), b_ih, torch.zeros(6))
        n = float(torch.tanh(x[0, 0]))
        seen.append([(step, y) for y in (n, *h[0].tolist())])
    names = ("n", "z = 0.9: averages", "z = 0 at 10 and 40")
    record_figure(
        "What z makes of a noisy n: an average, or one value kept",
        dict(zip(names, map(list, zip(*seen, strict=True)), strict=True)),
        y="h",
    )
