"""The worked example of the task: two gradients, halved."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """What is clipped, and the norm before."""
    grads = [torch.tensor([3.0, 4.0]), torch.tensor([12.0])]
    clipped, norm = submission["clip_global_norm"](grads, 6.5)
    worked("norm", "13", norm, shape=())
    worked("clipped", "1.5 2.0 6.0", clipped)
