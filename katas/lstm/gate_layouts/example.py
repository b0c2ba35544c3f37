"""The worked example of the task: one unit with two inputs, both ways."""

import torch

from grader.checks import Submission, worked

W = ((0.5, 1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 2.0, 1.0), (1.0, 0.0, -1.0))
B = (0.0, 1.0, 0.5, -1.0)


def example(submission: Submission) -> None:
    """Torch's step with the four tensors, and the way back."""
    w, b = torch.tensor(W), torch.tensor(B)
    x, h, c = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5]]), torch.tensor([[1.0]])
    h, c = torch.lstm_cell(x, (h, c), *submission["split_gates"](w, b))
    worked("split_gates: c'", "1.7294", c, shape=(1, 1))
    worked("split_gates: h'", "0.0712", h, shape=(1, 1))
    joined, bias = submission["join_gates"](w[:, 1:], w[:, :1], b, torch.zeros(4))
    for row, expected in enumerate(("0.5 1.0 0.0", "0.0 0.0 1.0", "-1.0 2.0 1.0", "1.0 0.0 -1.0")):
        worked(f"join_gates: row {'ifgo'[row]} of w", expected, joined[row], shape=(3,))
    worked("join_gates: b", "0 1 0.5 -1", bias, shape=(4,))
