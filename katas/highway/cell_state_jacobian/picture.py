"""The direct path and the full Jacobian over more and more steps."""

import torch

from grader.checks import Submission, record_figure

STEPS, I, H = 61, 8, 16  # noqa: E741


def picture(submission: Submission) -> None:
    """Run a random LSTM cell with 3 added to its forget bias; compare d c_T / d c_0 for each T."""
    generator = torch.Generator().manual_seed(0)
    shapes = ((STEPS, I), (4 * H, I), (4 * H, H), (4 * H,), (4 * H,))
    xs, *weights = (torch.randn(*shape, generator=generator).double() for shape in shapes)
    w_ih, w_hh, b_ih, b_hh = (weight * 0.6 / H**0.5 for weight in weights)
    b_ih[H : 2 * H] += 3.0
    h, c = torch.zeros(2, 1, H, dtype=torch.float64)
    forget = []
    for x in xs:
        gates = x @ w_ih.T + b_ih + h[0] @ w_hh.T + b_hh
        forget.append(gates.chunk(4)[1].sigmoid())
        h, c = torch.lstm_cell(x[None], (h, c), w_ih, w_hh, b_ih, b_hh)
    zeros, direct, full = torch.zeros(H, dtype=torch.float64), [], []
    for steps in range(1, STEPS + 1, 4):
        factors = submission["direct_path"](torch.stack(forget[:steps]))
        jacobian = submission["full_jacobian"](xs[:steps], zeros, zeros, w_ih, w_hh, b_ih, b_hh)
        direct.append((steps, float(factors.norm())))
        full.append((steps, float(jacobian.norm())))
    record_figure(
        "d c_T / d c_0: the product of forget gates is not all of it",
        {"all paths": full, "direct path": direct},
        x="T",
        y="norm",
        log=True,
    )
