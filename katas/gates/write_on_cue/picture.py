"""Which of many values the learner's weights let in, and what their gates do for it."""

import torch

from grader.checks import Submission, record_figure
from grader.checks.weights import run

STEPS = 63
WRITES = {6: 1.5, 24: -0.4, 42: -2.0}  # the value at a step whose flag is up


def picture(submission: Submission) -> None:
    """Run torch's LSTM over random values with the flag up at three steps."""
    xs = torch.zeros(STEPS, 1, 2, dtype=torch.float64)
    xs[:, 0, 0] = torch.rand(STEPS, generator=torch.Generator().manual_seed(3)) * 4 - 2
    for step, value in WRITES.items():
        xs[step - 1, 0] = torch.tensor([value, 1.0])
    weights = submission["write_on_cue"]()
    _, cs, hs = run(weights, xs)
    w_ih, w_hh, b_ih, b_hh = (weight.double() for weight in weights)
    before = torch.cat((torch.zeros(1, 1), hs[:-1]))
    i, f, _, _ = (xs @ w_ih.T + before[..., None] @ w_hh.T + b_ih + b_hh).sigmoid().unbind(dim=-1)
    figures = {
        "Of 63 values, your cell takes those of steps 6, 24 and 42": {
            "tanh(value)": xs[..., 0].tanh(),
            "c": cs,
        },
        "Its gates: at those steps f shuts and i opens": {"f": f, "i": i},
    }
    for title, curves in figures.items():
        record_figure(
            title,
            {name: list(enumerate(y[:, 0].tolist(), start=1)) for name, y in curves.items()},
            y="state" if "c" in curves else "gate",
        )
