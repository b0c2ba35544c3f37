"""Where each block of weights stands in both layouts."""

import torch

from grader.checks import Submission, record_text

GATES = "ifgo"
UNITS, INPUTS = 2, 3


def picture(submission: Submission) -> None:
    """Weights that say their own gate and what they multiply, joined into one matrix."""
    gate = torch.arange(4.0).repeat_interleave(UNITS)[:, None]
    w_ih, w_hh = gate.repeat(1, INPUTS), 4 + gate.repeat(1, UNITS)
    zeros = torch.zeros(4 * UNITS)
    w, _ = submission["join_gates"](w_ih, w_hh, zeros, zeros)
    rows = [
        f"{named(x)}   {named(h)}    {named(both)}"
        for x, h, both in zip(w_ih, w_hh, w, strict=True)
    ]
    head = "w_ih".ljust(3 * INPUTS - 1) + "   " + "w_hh".ljust(3 * UNITS - 1) + "    w, over [h, x]"
    record_text(
        "torch's two matrices and your one: ix is the input gate's weight of x",
        "\n".join([head, *rows]),
    )


def named(row: torch.Tensor) -> str:
    """A row's weights by name: `ix` of the input gate over x, `fh` of the forget gate over h."""
    return " ".join(f"{GATES[int(entry) % 4]}{'xh'[int(entry) // 4]}" for entry in row)
