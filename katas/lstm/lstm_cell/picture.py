"""What a cell of the learner's does: it keeps one value for forty steps, and it writes a tune.

The tune comes from a small character model (`data/tunes.npz`, made by
`benchmarks/make_tune_model.py`) whose every step is the learner's own.
"""

from pathlib import Path

import numpy as np
import torch

from grader.checks import Submission, record_figure, record_text

END = "\0"
MOST = 160


def picture(submission: Submission) -> None:
    """Write once, keep, then forget; and a tune, character by character."""
    keeps(submission)
    sings(submission)


def keeps(submission: Submission) -> None:
    """The states of a cell with one unit whose gates are shut but for two cues."""
    h, c = torch.zeros(1, 1), torch.zeros(1, 1)
    # i, f, g, o: shut but for the first cue, open but for the second, 1, half open.
    w_ih = torch.tensor([[16.0, 0.0], [0.0, -16.0], [0.0, 0.0], [0.0, 0.0]])
    bias = torch.tensor([-8.0, 8.0, 4.0, 0.0])
    kept, shown = [], []
    for step in range(1, 61):
        x = torch.tensor([[float(step == 6), float(step == 46)]])
        h, c = submission["lstm_cell"](x, h, c, w_ih, torch.zeros(4, 1), bias, torch.zeros(4))
        kept.append((step, float(c)))
        shown.append((step, float(h)))
    title = "Your cell: written at step 6, erased at step 46"
    record_figure(title, {"c": kept, "h": shown}, y="state")


def sings(submission: Submission) -> None:
    """A tune in ABC: what comes next is drawn from what the cell's h says."""
    stored = np.load(Path(__file__).parent / "data" / "tunes.npz")
    alphabet = str(stored["alphabet"])
    w_ih, w_hh, b_ih, b_hh, w_out, b_out = (
        torch.from_numpy(stored[name]).float()
        for name in ("w_ih", "w_hh", "b_ih", "b_hh", "w_out", "b_out")
    )
    h, c = torch.zeros(1, w_hh.shape[1]), torch.zeros(1, w_hh.shape[1])
    chance = torch.Generator().manual_seed(6)
    symbol, text = END, ""
    while len(text) < MOST:
        x = torch.eye(len(alphabet))[[alphabet.index(symbol)]]
        h, c = submission["lstm_cell"](x, h, c, w_ih, w_hh, b_ih, b_hh)
        p = torch.softmax((h @ w_out.T + b_out) / 0.4, dim=1)[0]
        symbol = alphabet[int(torch.multinomial(p, 1, generator=chance))]
        if symbol == END:
            break
        text += symbol
    record_text("And a tune that it writes, one character a step (ABC)", text)
