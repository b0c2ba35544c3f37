"""What larger and larger inputs do to h, with layer norm and without it."""

import torch

from grader.checks import Submission, record_figure

N, I, H = 16, 4, 16  # noqa: E741


def picture(submission: Submission) -> None:
    """Take one step from the same state with inputs from 0.01 to 1,000 times as large."""
    generator = torch.Generator().manual_seed(0)
    x, h, c = (torch.randn(N, n, generator=generator) for n in (I, H, H))
    w_ih, w_hh = (torch.randn(4 * H, n, generator=generator) / n**0.5 for n in (I, H))
    ln = torch.stack((torch.ones(4 * H), torch.zeros(4 * H)))
    ln_c = torch.stack((torch.ones(H), torch.zeros(H)))
    normed, plain = [], []
    for tenths in range(-20, 31):
        scaled = x * 10 ** (tenths / 10)
        yours, _ = submission["layer_norm_cell"](scaled, h, c, w_ih, w_hh, ln, ln, ln_c, "c")
        other, _ = torch.lstm_cell(scaled, (h, c), w_ih, w_hh, None, None)
        normed.append((tenths / 10, float(yours.abs().mean())))
        plain.append((tenths / 10, float(other.abs().mean())))
    record_figure(
        "Inputs of any size: yours sees the same, a plain LSTM saturates",
        {"plain LSTM": plain, "yours": normed},
        x="input, power of ten:",
        y="mean |h|",
    )
