"""The worked example of the task: one sentence of two steps, and two tags."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The scores of all four paths, and what follows from them."""
    emissions = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]]).double()
    moves = torch.tensor([[1.0, -1.0], [0.0, 1.0]]).double()
    start, stop = torch.tensor([0.5, 0.0]).double(), torch.tensor([0.0, 0.5]).double()
    length, ends = torch.tensor([2]), (moves, start, stop)
    for path, expected in (("0 0", "2.5"), ("0 1", "3.0"), ("1 0", "0.0"), ("1 1", "3.5")):
        tags = torch.tensor([[int(tag) for tag in path.split()]])
        worked(
            f"path {path}: s",
            expected,
            submission["score"](emissions, tags, length, *ends),
            shape=(1,),
        )
    worked("log Z", "4.1954", submission["log_partition"](emissions, length, *ends), shape=(1,))
    shares = submission["marginals"](emissions, length, *ends)
    worked("marginals of step 1", "0.486 0.514", shares[0, 0], shape=(2,))
    worked("marginals of step 2", "0.199 0.801", shares[0, 1], shape=(2,))
    best, total = submission["viterbi"](emissions, length, *ends)
    worked("viterbi", "1 1", best, shape=(1, 2))
    worked("viterbi: score", "3.5", total, shape=(1,))
    tags = torch.tensor([[0, 1]])
    worked(
        "nll of the path 0 1", "1.1954", submission["nll"](emissions, tags, length, *ends), shape=()
    )
