"""Tag named entities: features of words, a bidirectional LSTM, and a conditional random field."""

from collections.abc import Callable

import torch
from torch import nn

# Given. The ids of what stands in the padding, and of what a vocabulary lacks.
PADDING, UNKNOWN = 0, 1


def word_features(word: str) -> tuple[str, str, str, str]:
    """Describe a word in four ways, so that also a new word tells something.

        "McDonald"  ->  ("mcdonald", "XxXx", "mcd", "ald")

    Args:
        word: at least one character.

    Returns:
        word: in small letters.
        shape: X for a capital letter, x for a small letter, d for a digit; every other character
            is itself. Several equal ones in a row are one.
        beginning: the first three characters in small letters; a shorter word is its own.
        ending: the last three characters in small letters; a shorter word is its own.

    Source: Collobert et al. (2011), section 4.1.1, where capitals and endings are features of
        their own, too.
    """
    raise NotImplementedError


def build_vocabulary(sequences: list[list[str]], *, least: int = 1) -> dict[str, int]:
    """Number the texts that occur often enough.

    Args:
        sequences: lists of texts: the words of sentences, or their shapes.
        least: how often a text must occur, over all sequences.

    Returns:
        An id for each such text: 2, 3, ... in the order in which they first occur. PADDING and
        UNKNOWN have no entry.
    """
    raise NotImplementedError


def make_batch(
    sequences: list[list[str]], vocabulary: dict[str, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn sequences of texts into one tensor of ids.

    Args:
        sequences: N >= 1 lists of at least one text each.
        vocabulary: the id of each known text.

    Returns:
        ids: (N, T) int64, T the longest; UNKNOWN where the vocabulary lacks a text, and PADDING
            behind the end of a sequence.
        lengths: (N,) int64.
    """
    raise NotImplementedError


# Given. What you wrote in ner/crf: the mean over the sentences of log Z - score.
def crf_nll(
    emissions: torch.Tensor,
    tags: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Give the negative log-likelihood of the tags: see `ner/crf`.

    Args:
        emissions: (N, T, K), the score of each tag at each step.
        tags: (N, T) int64, the true ones; any numbers in the padding.
        lengths: (N,) int64, in any order.
        transitions: (K, K), row: the tag before, column: the tag after.
        start: (K,), the score of each tag as the first one.
        stop: (K,), the score of each tag as the last one.

    Returns:
        ().
    """
    inside = torch.arange(emissions.shape[1]) < lengths[:, None]
    tags = torch.where(inside, tags, 0)
    own = emissions.gather(2, tags[:, :, None])[:, :, 0]
    own[:, 1:] = own[:, 1:] + transitions[tags[:, :-1], tags[:, 1:]]
    last = tags.gather(1, lengths[:, None] - 1)[:, 0]
    score = start[tags[:, 0]] + torch.where(inside, own, 0).sum(1) + stop[last]
    alpha = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        longer = torch.logsumexp(alpha[:, :, None] + transitions, dim=1) + emissions[:, t]
        alpha = torch.where(inside[:, t, None], longer, alpha)
    return (torch.logsumexp(alpha + stop, dim=1) - score).mean()


# Given. What you wrote in ner/crf: the best path of each sentence.
def crf_viterbi(
    emissions: torch.Tensor,
    lengths: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    stop: torch.Tensor,
) -> torch.Tensor:
    """Find the path with the highest score of each sentence: see `ner/crf`.

    Args:
        emissions: (N, T, K), the score of each tag at each step.
        lengths: (N,) int64, in any order.
        transitions: (K, K), row: the tag before, column: the tag after.
        start: (K,), the score of each tag as the first one.
        stop: (K,), the score of each tag as the last one.

    Returns:
        (N, T) int64, and -1 in the padding.
    """
    inside = torch.arange(emissions.shape[1]) < lengths[:, None]
    best, pointers = start + emissions[:, 0], []
    stay = torch.arange(best.shape[1]).expand_as(best)
    for t in range(1, emissions.shape[1]):
        reached, came_from = (best[:, :, None] + transitions).max(dim=1)
        best = torch.where(inside[:, t, None], reached + emissions[:, t], best)
        pointers.append(torch.where(inside[:, t, None], came_from, stay))
    path = [(best + stop).argmax(1)]
    for pointer in reversed(pointers):
        path.append(pointer.gather(1, path[-1][:, None])[:, 0])
    return torch.where(inside, torch.stack(path[::-1], dim=1), -1)


class Tagger(nn.Module):
    """A bidirectional LSTM that scores tags, and a CRF that chooses among sequences of them.

    Its parameters `transitions` (K, K), `start` (K,) and `stop` (K,) are those of the CRF. All
    others are yours.

    Args:
        vocabularies: four, of words, shapes, beginnings and endings, in this order.
        tags: the K tags; tag k has the id k.

    Source: Lample et al. (2016), section 2; Huang, Xu, Yu (2015), section 2.5.
    """

    def __init__(self, vocabularies: list[dict[str, int]], tags: list[str]) -> None:
        raise NotImplementedError

    def emissions(self, sentences: list[list[str]]) -> torch.Tensor:
        """Score each tag at each token, after the tokens on both sides were read.

        Args:
            sentences: N >= 1 lists of tokens, of any lengths from 1 on.

        Returns:
            (N, T, K) float32, T the longest sentence; any finite numbers in the padding.
        """
        raise NotImplementedError

    def loss(self, sentences: list[list[str]], tags: list[list[str]]) -> torch.Tensor:
        """Give the loss of the CRF for the true tags, the mean over the sentences.

        Args:
            sentences: N >= 1 lists of tokens.
            tags: the true tags of each.

        Returns:
            ().
        """
        raise NotImplementedError

    def predict(self, sentences: list[list[str]]) -> list[list[str]]:
        """Choose the best sequence of tags for each sentence, without dropout.

        Args:
            sentences: N >= 1 lists of tokens.

        Returns:
            N lists of tags, one for each token.
        """
        raise NotImplementedError


def fit(
    tagger: Tagger,
    sentences: list[list[str]],
    tags: list[list[str]],
    *,
    epochs: int,
    report: Callable[..., None] | None = None,
) -> list[float]:
    """Train a tagger: go through all sentences, in batches and in a new order, some times.

    Args:
        tagger: is changed.
        sentences: at least one.
        tags: the true tags of each.
        epochs: how often to go through all sentences.
        report: if given, is called now and then: report(step, loss=...).

    Returns:
        The mean loss of each epoch.
    """
    raise NotImplementedError


def train(
    sentences: list[list[str]],
    tags: list[list[str]],
    *,
    epochs: int = 8,
    report: Callable[..., None] | None = None,
) -> Tagger:
    """Build a tagger from sentences alone, and train it.

    What occurs once is unknown to it, so that it learns what to make of unknown words.

    Args:
        sentences: at least one.
        tags: the true tags of each.
        epochs: how often to go through all sentences.
        report: if given, is called now and then: report(step, loss=...).

    Returns:
        The trained tagger. Its tags are those that occur.
    """
    raise NotImplementedError
