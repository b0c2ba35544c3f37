"""A baseline for sentences with two labels: a bag of words, and nothing of their order."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

PENALTY = 1e-4
"""Times the sum of the squared weights: near the best on 3,000 real sentences, over five splits."""


def bag_of_words(
    sentences: Sequence[Sequence[str]], labels: Tensor, asked: Sequence[Sequence[Sequence[str]]]
) -> list[Tensor]:
    """Fit a logistic regression on which words occur, and ask it.

    Args:
        sentences: the words of each training sentence.
        labels: (N,) 0 or 1.
        asked: groups of other sentences.

    Returns:
        For each group, whether each of its sentences has label 1, bool.
    """
    known = sorted({word for words in sentences for word in words})
    columns = {word: place for place, word in enumerate(known)}

    def occurs(group: Sequence[Sequence[str]]) -> Tensor:
        x = torch.zeros(len(group), len(columns))
        for row, words in zip(x, group, strict=True):
            row[[columns[word] for word in words if word in columns]] = 1.0
        return x

    x, wanted = occurs(sentences), labels.float()
    weight = torch.zeros(len(columns), requires_grad=True)
    bias = torch.zeros((), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        fit = binary_cross_entropy_with_logits(x @ weight + bias, wanted)
        value = fit + PENALTY * (weight**2).sum()
        torch.autograd.backward(value)
        return value

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return [occurs(group) @ weight.detach() + bias.detach() > 0 for group in asked]
