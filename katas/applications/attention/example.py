"""The worked example of the task: two queries, three steps of which the last one is padding."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The weights and the context of each query."""
    k = torch.tensor([[[1.0, 0, 0, 1], [0, 1, 0, 1], [9, 9, 9, 9]]])
    v = torch.tensor([[[10.0, 0], [0, 10], [50, 50]]])
    q = torch.tensor([[[2.0, 0, 0, 2], [0, 0, 0, 0]]])
    context, weights = submission["attend"](q, k, v, torch.tensor([[True, True, False]]))
    worked("query 0: weights", "0.7311 0.2689 0.0000", weights[0, 0], shape=(3,))
    worked("query 0: context", "7.3106 2.6894", context[0, 0], shape=(2,))
    worked("query 1: weights", "0.5000 0.5000 0.0000", weights[0, 1], shape=(3,))
    worked("query 1: context", "5.0000 5.0000", context[0, 1], shape=(2,))
