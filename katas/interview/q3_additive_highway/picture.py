"""Your one LSTM on two inputs: a gradient that is kept, and one that dies."""

import torch

from grader.checks import Submission, gradients_of, record_figure


def picture(submission: Submission) -> None:
    """Take |d c_t / d c_0| at each step, with h_0 held fixed."""
    *weights, keep, kill = (part.double() for part in submission["not_identical"]())
    curves = {}
    for name, xs in (("keep", keep), ("kill", kill)):
        # One copy of the cell for each t: copy t gives the derivative of c_t.
        c0 = torch.full((len(xs), 1), 0.5, dtype=torch.float64, requires_grad=True)
        h, c = torch.zeros_like(c0), c0
        cs: list[torch.Tensor] = []
        for x in xs:
            h, c = torch.lstm_cell(x.expand(len(xs), 1), (h, c), *weights)
            cs.append(c[len(cs)])
        (gradient,) = gradients_of([torch.stack(cs)], [c0], [torch.ones_like(c0)])
        sizes = gradient.abs().clamp(min=1e-9).flatten().tolist()
        curves[name] = list(enumerate(sizes, start=1))
    record_figure(
        "One cell, two inputs: the highway is open, or it is not",
        curves,
        y="d c_t / d c_0",
        log=True,
    )
