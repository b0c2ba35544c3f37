"""How long a plain recurrent network holds one value, with three weights on its own state."""

import torch

from grader.checks import Submission, record_figure

STEPS = 60
PULSE = 5


def picture(submission: Submission) -> None:
    """Put a 1 in at step 5 and zeros afterwards: one unit for each weight w_hh."""
    weights = torch.tensor([0.5, 0.95, 1.2])
    h, zeros = torch.zeros(1, 3), torch.zeros(3)
    seen: list[list[float]] = []
    for step in range(1, STEPS + 1):
        x = torch.tensor([[float(step == PULSE)]])
        h = submission["rnn_cell"](x, h, torch.ones(3, 1), weights.diag(), zeros, zeros)
        seen.append(h[0].tolist())
    record_figure(
        "One 1 at step 5: forgotten at once, slowly, or never",
        {
            f"w_hh = {weight:.2g}": list(enumerate(unit, start=1))
            for weight, unit in zip(weights.tolist(), zip(*seen, strict=True), strict=True)
        },
        y="h",
    )
