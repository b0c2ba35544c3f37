"""What a cell of the learner's holds: one value, stored and kept for sixty steps."""

import torch

from grader.checks import Submission, record_figure

STEPS = 60


def picture(submission: Submission) -> None:
    """Write once, keep for forty steps, then forget: f, i and c of a cell with one unit."""
    written, erased = 5, 45
    h, c = torch.zeros(1, 1), torch.zeros(1, 1)
    kept, shown = [], []
    for step in range(STEPS):
        write, erase = float(step == written), float(step == erased)
        x = torch.tensor([[write, erase]])
        # i, f, g, o: shut but for the cue, open but for the erase, 1, half open.
        w_ih = torch.tensor([[16.0, 0.0], [0.0, -16.0], [0.0, 0.0], [0.0, 0.0]])
        bias = torch.tensor([-8.0, 8.0, 4.0, 0.0])
        h, c = submission["lstm_cell"](x, h, c, w_ih, torch.zeros(4, 1), bias, torch.zeros(4))
        kept.append((step + 1, float(c)))
        shown.append((step + 1, float(h)))
    record_figure(
        "Your cell: written at step 6, erased at step 46", {"c": kept, "h": shown}, y="state"
    )
