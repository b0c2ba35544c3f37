"""A language model of folk tunes: an LSTM that reads ABC and tells which character comes next."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

# Given. Ids that are no characters. The first character of the vocabulary has the id 3.
PAD, BEGIN, END = 0, 1, 2


def vocabulary(tunes: Sequence[str]) -> list[str]:
    """List the characters that occur in tunes, each once, sorted by code point.

    Args:
        tunes: texts in ABC.

    Returns:
        Texts of one character each. Line ends and spaces are characters too.
    """
    raise NotImplementedError


def encode(tune: str, characters: Sequence[str]) -> Tensor:
    """Turn a tune into ids, from BEGIN to END.

    Args:
        tune: L characters.
        characters: the vocabulary. Character k has the id 3 + k.

    Returns:
        (L + 2,) int64: BEGIN, the ids of the characters, END.

    Raises:
        ValueError: the vocabulary lacks a character of the tune. The message holds the character.
    """
    raise NotImplementedError


def decode(ids: Tensor, characters: Sequence[str]) -> str:
    """Turn ids back into a tune.

    Args:
        ids: (T,) int64. What lies behind the first END is not read.
        characters: the vocabulary. Character k has the id 3 + k.

    Returns:
        The characters before the first END, or all of them where there is none. BEGIN and PAD give
        no character.
    """
    raise NotImplementedError


def batch(tunes: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Put whole tunes into one batch, with what the model reads and what it has to answer.

    Args:
        tunes: N tensors of ids, as `encode` gives them, (L_n + 2,) int64, of any lengths.

    Returns:
        (inputs, targets, mask), each (N, T), where T is the largest L_n + 1. The target of a step
        is the symbol behind its input. inputs and targets are int64. Behind a tune, targets are
        PAD, and inputs are PAD or END. mask is bool and True where there is a target: L_n + 1 times
        in row n.
    """
    raise NotImplementedError


def bits_per_character(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Measure how many bits the model needs for one symbol, averaged over all symbols.

    Args:
        logits: (N, T, V), float32 or float64.
        targets: (N, T) int64, 0 to V - 1.
        mask: (N, T) bool. Where it is False, logits and targets do not count.

    Returns:
        () in the dtype of logits: the mean of -log2 p(target) over all N T steps where mask is
        True. There is at least one.
    """
    raise NotImplementedError


def early_stop(losses: Sequence[float], patience: int) -> tuple[int, bool]:
    """Tell which epoch was the best so far, and whether to stop.

    Args:
        losses: of the validation part, one for each epoch so far; at least one. nan is worse than
            any number.
        patience: how many epochs in a row may pass without a new best one; at least 1.

    Returns:
        (best, stop): the index of the smallest loss, the first one among equals, and whether
        `patience` epochs or more have come after it.
    """
    raise NotImplementedError


class TuneModel(nn.Module):
    """A model that reads symbols and gives logits for the next one.

    Args:
        symbols: V, the number of ids: 3 more than there are characters.
        embedding_size: of the vector that stands for a symbol.
        hidden_size: of the recurrent state.
    """

    def __init__(self, symbols: int, embedding_size: int, hidden_size: int) -> None:
        raise NotImplementedError

    def forward(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read N tunes further by T symbols.

        Args:
            inputs: (N, T) int64.
            state: what an earlier call returned for the same N tunes; None at their beginning.

        Returns:
            (logits, state): (N, T, V), where logits [n, t] are for the symbol behind inputs
            [n, t]; and the state after the last symbol.
        """
        raise NotImplementedError


def train(
    tunes: Sequence[str],
    validation: Sequence[str],
    characters: Sequence[str],
    epochs: int,
    patience: int,
    seed: int,
    report: Callable[..., None],
) -> tuple[TuneModel, list[float]]:
    """Train a model on tunes, and stop where the validation part gets no better.

    Args:
        tunes: to learn from.
        validation: tunes that decide when to stop, and which weights to keep.
        characters: the vocabulary. It has every character of tunes and validation.
        epochs: passes over the tunes, at most.
        patience: of `early_stop`.
        seed: the same seed gives the same model.
        report: call `report(epoch, bits=...)` once in each epoch, to show how far you are.

    Returns:
        (model, losses): the model with the weights of the best epoch, in evaluation mode; and the
        bits per character of the validation part after each epoch.
    """
    raise NotImplementedError
