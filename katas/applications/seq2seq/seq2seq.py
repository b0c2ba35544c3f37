"""Translate sequences: an encoder, a decoder, teacher forcing, greedy search and beam search."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

# Given. The ids of padding, of the first input and of the last output, and of unknown words.
PAD, BOS, EOS, UNKNOWN = 0, 1, 2, 3

# Given. What a decoder knows: tensors whose first axis is the batch.
State = tuple[torch.Tensor, ...]
# Given. One step: tokens (N,) and a state give logits (N, V) and the next state.
Step = Callable[[torch.Tensor, State], tuple[torch.Tensor, State]]


# Given. Ids from 4 on, in the order in which texts first occur.
def build_vocabulary(sequences: list[list[str]]) -> dict[str, int]:
    """Number all texts of some sequences.

    Args:
        sequences: lists of texts.

    Returns:
        The id of each text.
    """
    texts = dict.fromkeys(text for sequence in sequences for text in sequence)
    return {text: number for number, text in enumerate(texts, start=UNKNOWN + 1)}


# Given. Padding behind the end.
def make_batch(sequences: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Put sequences of ids into one tensor.

    Args:
        sequences: N >= 1 lists of at least one id.

    Returns:
        ids: (N, T) int64, PAD behind the end of a sequence.
        lengths: (N,) int64.
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), PAD)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence)
    return ids, lengths


# Given. A model without weights, to try a search on: its state is a number made of all tokens.
def planted(table: torch.Tensor) -> Step:
    """Make a step whose logits are a row of a table; all tokens so far choose which.

    Args:
        table: (R, V).

    Returns:
        A step. Its state is one tensor (N,) int64, in the beginning for instance zeros.
    """

    def step(tokens: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        row = (7 * state[0] + tokens) % len(table)
        return table[row], (row,)

    return step


def frame(targets: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Make what the decoder reads and what it is to answer.

    Args:
        targets: N >= 1 lists of at least one id, without BOS and EOS.

    Returns:
        inputs: (N, T + 1) int64: BOS, then the target.
        wanted: (N, T + 1) int64: the target, then EOS. Both have PAD behind.

    Source: Sutskever et al. (2014), section 2; teacher forcing is Williams and Zipser (1989).
    """
    raise NotImplementedError


def sequence_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Give the mean cross-entropy of the tokens that are no padding.

    Args:
        logits: (N, T, V) float32 or float64; any finite numbers where wanted is PAD.
        wanted: (N, T) int64, at least one is not PAD.

    Returns:
        () same dtype.
    """
    raise NotImplementedError


class Seq2Seq(nn.Module):
    """An encoder that reads the source into a state, and a decoder that goes on from there.

    Args:
        source_size: how many ids sources have.
        target_size: V, how many ids targets have.

    Source: Sutskever et al. (2014); Cho et al. (2014), section 2.
    """

    def __init__(self, source_size: int, target_size: int) -> None:
        raise NotImplementedError

    def encode(self, sources: torch.Tensor, lengths: torch.Tensor) -> State:
        """Read the sources.

        Args:
            sources: (N, S) int64, PAD behind the end.
            lengths: (N,) int64, in any order.

        Returns:
            The state before the first step of the decoder: tensors whose first axis is N.
        """
        raise NotImplementedError

    def step(self, tokens: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Read one token of each target, and score the next one.

        Args:
            tokens: (N,) int64, BOS in the beginning.
            state: of encode or of the step before.

        Returns:
            logits: (N, V) float32.
            state: for the next step.
        """
        raise NotImplementedError

    def forward(
        self, sources: torch.Tensor, lengths: torch.Tensor, inputs: torch.Tensor
    ) -> torch.Tensor:
        """Score every next token, with the true tokens before it as inputs.

        Args:
            sources: (N, S) int64, PAD behind the end.
            lengths: (N,) int64, of the sources.
            inputs: (N, T) int64, as of frame.

        Returns:
            (N, T, V) float32: at t the logits of the token after inputs[:, t].
        """
        raise NotImplementedError


def greedy(step: Step, state: State, *, most: int) -> list[list[int]]:
    """Take the best token at each step, for N sequences at once.

    Args:
        step: gives logits (N, V) and the next state for tokens (N,) and a state.
        state: in the beginning. It is not modified.
        most: how many tokens an answer has at most.

    Returns:
        N lists of ids, without BOS, and without EOS and what would follow it.
    """
    raise NotImplementedError


def beam_search(
    step: Step, state: State, *, width: int, most: int, alpha: float = 1.0
) -> tuple[list[int], float]:
    """Find an answer of high score for one sequence, with several beginnings at once.

        score = log p(answer) / length^alpha

    Args:
        step: gives logits (B, V) and the next state for tokens (B,) and a state.
        state: in the beginning: tensors whose first axis is 1. It is not modified.
        width: how many continuations are kept at each step; those that end are put aside.
        most: how many tokens an answer has at most, EOS among them. What has that many has ended.
        alpha: how much the length counts; with 0 not at all.

    Returns:
        tokens: of the answer with the highest score, without BOS and EOS.
        score: its score. The length counts all its tokens, EOS among them.

    Source: Sutskever et al. (2014), section 3.2; Wu et al. (2016), section 7, for the length.
    """
    raise NotImplementedError


# Given. A trained model, with the vocabularies that it was trained with.
class Translator(NamedTuple):
    """What train gives and translate takes."""

    model: Seq2Seq
    source_ids: dict[str, int]
    target_ids: dict[str, int]


def train(
    sources: list[list[str]],
    targets: list[list[str]],
    *,
    epochs: int = 12,
    report: Callable[..., None] | None = None,
) -> Translator:
    """Build a model for these pairs, and train it with teacher forcing.

    Args:
        sources: at least one list of texts.
        targets: for each source its translation.
        epochs: how often to go through all pairs.
        report: if given, is called now and then: report(step, loss=...).

    Returns:
        The trained model, with its vocabularies.
    """
    raise NotImplementedError


def translate(
    translator: Translator, sources: list[list[str]], *, width: int = 1, most: int = 30
) -> list[list[str]]:
    """Translate sources: greedily, or with a beam.

    Args:
        translator: of train.
        sources: N >= 1 lists of at least one text; texts that are not known are UNKNOWN.
        width: of the beam; 1 is greedy.
        most: how many tokens an answer has at most.

    Returns:
        N lists of texts.
    """
    raise NotImplementedError
