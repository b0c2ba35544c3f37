"""Classify sentences of different lengths by their sentiment, with an LSTM."""

from collections.abc import Callable

import torch
from torch import nn

# Given. The ids of what is no word of the vocabulary.
PADDING, UNKNOWN = 0, 1


def make_vocabulary(sentences: list[list[str]], min_count: int = 1) -> dict[str, int]:
    """Number the words.

    Args:
        sentences: the words of each sentence.
        min_count: how often a word has to occur, in all sentences together, to get an id.

    Returns:
        The id of each word: 2, 3, 4, ... in the order in which the words first occur.

    Source: Goldberg (2017), section 8.4.
    """
    raise NotImplementedError


def encode(
    sentences: list[list[str]], vocabulary: dict[str, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn sentences into one padded batch.

    Args:
        sentences: the words of each of N >= 1 sentences.
        vocabulary: the id of each word, from 2.

    Returns:
        ids: (N, T) int64, T the length of the longest sentence. A word that is not in the
            vocabulary is UNKNOWN, and what is behind the end of a sentence is PADDING.
        lengths: (N,) int64, the number of words of each sentence.

    Raises:
        ValueError: a sentence has no words. The message holds its position, from 0.

    Source: Goldberg (2017), section 8.4.5.
    """
    raise NotImplementedError


def last_real(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Take the state at the last word of each sentence.

    Args:
        states: (N, T, H) a state for each step, float32 or float64.
        lengths: (N,) int64, from 1 to T.

    Returns:
        (N, H) the state at step lengths[n] - 1 of sentence n, in the dtype of the states.

    Source: Sutskever, Vinyals and Le (2014), section 2, for a sentence in one state.
    """
    raise NotImplementedError


def masked_mean(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Take the mean of the states over the words of each sentence.

        mean_n = Σ states[n, t] / lengths[n],    t = 0 ... lengths[n] - 1

    Args:
        states: (N, T, H) a state for each step, float32 or float64.
        lengths: (N,) int64, from 1 to T.

    Returns:
        (N, H) the means, in the dtype of the states.

    Source: Iyyer, Manjunatha, Boyd-Graber and Daumé (2015), section 2, for the mean over words.
    """
    raise NotImplementedError


def binary_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Measure how surprised the model is at the labels, in nats.

        p = σ(logit)
        loss = -(1/N) Σ_n  label · ln p + (1 - label) · ln(1 - p)

    Args:
        logits: (N,) any real numbers, float32 or float64.
        labels: (N,) 0 or 1, int64.

    Returns:
        () the mean over the batch, in the dtype of the logits.

    Source: Goodfellow, Bengio and Courville (2016), section 6.2.2.2.
    """
    raise NotImplementedError


class SentimentLSTM(nn.Module):
    """An embedding, an LSTM, one vector for a sentence, and a line through it.

    Its parameters are those of `embedding` (torch's nn.Embedding), `lstm` (nn.LSTM with
    batch_first) and `output` (nn.Linear with one output), with torch's names.

    Args:
        vocabulary_size: the number of ids, with those of padding and of unknown words.
        embedding_size: of the vector of a word.
        hidden_size: H.
        pooling: "last" takes the state at the last word, "mean" the mean over the words.
        dropout: the share of each word's vector, and of the sentence's vector, that is dropped
            while it trains.

    Source: Hochreiter and Schmidhuber (1997) for the LSTM, Srivastava et al. (2014) for dropout.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        hidden_size: int,
        *,
        pooling: str = "last",
        dropout: float = 0.0,
    ) -> None:
        raise NotImplementedError

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give a logit for each sentence.

        Args:
            ids: (N, T) int64; behind the end of a sentence they can be anything.
            lengths: (N,) int64, from 1 to T.

        Returns:
            (N,) logits: above 0 where label 1 is the more likely one.
        """
        raise NotImplementedError


def predict(
    model: SentimentLSTM, vocabulary: dict[str, int], sentences: list[list[str]]
) -> torch.Tensor:
    """Give the probability that a sentence is positive.

    Args:
        model: a model, in whatever mode it is.
        vocabulary: the id of each word.
        sentences: the words of each of N >= 1 sentences.

    Returns:
        (N,) probabilities of label 1, in the order of the sentences and the dtype of the logits.
    """
    raise NotImplementedError


def train(
    sentences: list[list[str]],
    labels: torch.Tensor,
    *,
    seed: int,
    epochs: int = 10,
    report: Callable[..., None],
) -> tuple[SentimentLSTM, dict[str, int]]:
    """Train a classifier.

    Sizes, pooling, dropout, optimiser and the default of `epochs` are yours to choose.

    Args:
        sentences: the words of each of N sentences.
        labels: (N,) int64, 0 or 1.
        seed: of every draw that is made.
        epochs: how often each sentence is seen.
        report: call it as report(step, loss=...) as you go on: it draws your curve.

    Returns:
        The pair (model, vocabulary), for `predict`.
    """
    raise NotImplementedError
