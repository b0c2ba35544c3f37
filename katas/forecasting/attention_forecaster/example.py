"""The worked example of the task: a lag, and three steps of the past with a gap."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The parts of the task that need no model."""
    weights = torch.tensor([[[0.1, 0.6, 0.1, 0.1, 0.1], [0.0, 0.2, 0.5, 0.1, 0.2]]])
    lag, share = submission["attended_lag"](weights.double())
    worked("lag", "4", lag)
    worked("share", "0.55", share)

    query, keys = torch.ones(1, 1), torch.tensor([[[2.0], [1.0], [5.0]]])
    values, measured = torch.tensor([[[10.0], [20.0], [90.0]]]), torch.tensor([[True, True, False]])
    context, weights = submission["attend"](query, keys, values, measured)
    worked("weights", "0.7311 0.2689 0", weights, shape=(1, 3))
    worked("context", "12.69", context, shape=(1, 1))
