"""The worked example of the task: four steps of one unit, cut in four ways."""

import torch

from grader.checks import Submission, worked

ROWS = (
    (1, "0.0102 0.0157 0.0034 0.2361"),
    (2, "0.0177 0.0242 0.0065 0.2376"),
    (3, "0.0102 0.0157 0.0034 0.2361"),
    (4, "0.0269 0.0275 0.0183 0.2398"),
)


def example(submission: Submission) -> None:
    """The loss, and the gradient of weight_ih_l0 for each k."""
    weights = {
        "weight_ih_l0": torch.tensor([[1.0], [0.0], [1.0], [0.0]]),
        "weight_hh_l0": torch.tensor([[0.0], [0.0], [2.0], [0.0]]),
        "bias_ih_l0": torch.tensor([0.0, 1.0, 0.0, 0.0]),
        "bias_hh_l0": torch.zeros(4),
    }
    x, v = torch.ones(1, 4, 1), torch.tensor([[[0.0], [0.0], [0.0], [1.0]]])
    for k, expected in ROWS:
        loss, gradients = submission["truncated_bptt"](x, v, weights, k)
        worked(f"k = {k}: loss", "0.4721", loss, shape=())
        worked(f"k = {k}: i, f, g, o", expected, gradients["weight_ih_l0"], shape=(4, 1))
