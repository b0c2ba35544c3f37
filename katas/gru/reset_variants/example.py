"""The worked example of the task: the part that the reset gate touches, in both forms."""

import torch

from grader.checks import Submission, worked

CASES = (
    ("first case", [[0.0, 1.0], [2.0, 0.0]], [0.4, -0.2], "-0.5 0.3", "-0.3 0.72"),
    ("second case", [[2.0, 0.0], [0.0, -1.0]], [0.0, 0.0], "0.5 0.9", "0.5 0.9"),
)


def example(submission: Submission) -> None:
    """With z shut h' is n, and the part is what its tanh was taken of."""
    h, r = torch.tensor([[0.5, -1.0]]).double(), torch.tensor([0.5, 0.9]).double()
    b_ih = torch.cat((r.logit(), torch.full((2,), -1000.0), torch.zeros(2))).double()
    x, w_ih = torch.zeros(1, 1).double(), torch.zeros(6, 1).double()
    for name, w_hn, b_hn, before, after in CASES:
        w_hh = torch.cat((torch.zeros(4, 2), torch.tensor(w_hn))).double()
        b_hh = torch.cat((torch.zeros(4), torch.tensor(b_hn))).double()
        arguments = (x, h, w_ih, w_hh, b_ih, b_hh)
        worked(
            f"{name}, before",
            before,
            submission["gru_reset_before"](*arguments).atanh(),
            shape=(1, 2),
        )
        worked(
            f"{name}, after", after, submission["gru_reset_after"](*arguments).atanh(), shape=(1, 2)
        )
