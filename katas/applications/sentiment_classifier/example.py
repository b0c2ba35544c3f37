"""The worked example of the task: a padded batch, two ways to one state, and the loss."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The parts of the task that need no model."""
    vocabulary = {"not": 2, "good": 3, "bad": 4, ",": 5}
    sentences = [["not", "good", ",", "bad"], ["not", "great"], ["good"]]
    ids, lengths = submission["encode"](sentences, vocabulary)
    for row, expected in enumerate(("2 3 5 4 4", "2 1 0 0 2", "3 0 0 0 1")):
        worked(f"sentence {row}: ids, length", expected, [ids[row], lengths[row]])

    states = torch.tensor([[[0.6], [0.2], [0.9], [0.7]]], dtype=torch.float64)
    two = torch.tensor([2])
    worked("last real", "0.2", submission["last_real"](states, two), shape=(1, 1))
    worked("mean", "0.40", submission["masked_mean"](states, two), shape=(1, 1))

    logits, labels = torch.tensor([2.0, -1.0, 0.0]), torch.tensor([1, 0, 1])
    for n, expected in enumerate(("0.1269", "0.3133", "0.6931")):
        loss = submission["binary_loss"](logits[n : n + 1], labels[n : n + 1])
        worked(f"loss of logit {logits[n]:g}", expected, loss, shape=())
    worked("loss, mean", "0.3778", submission["binary_loss"](logits, labels), shape=())
