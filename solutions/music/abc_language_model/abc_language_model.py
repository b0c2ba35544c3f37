"""A language model of folk tunes: an LSTM that reads ABC and tells which character comes next."""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax
from torch.nn.utils.rnn import pad_sequence

# Given. Ids that are no characters. The first character of the vocabulary has the id 3.
PAD, BEGIN, END = 0, 1, 2
_FIRST = 3


def vocabulary(tunes: Sequence[str]) -> list[str]:
    """List the characters that occur in tunes, each once, sorted by code point.

    Args:
        tunes: texts in ABC.

    Returns:
        Texts of one character each. Line ends and spaces are characters too.
    """
    return sorted(set("".join(tunes)))


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
    ids = {character: _FIRST + k for k, character in enumerate(characters)}
    for character in tune:
        if character not in ids:
            raise ValueError(f"the vocabulary has no {character!r} ({character})")
    return torch.tensor([BEGIN, *(ids[character] for character in tune), END])


def decode(ids: Tensor, characters: Sequence[str]) -> str:
    """Turn ids back into a tune.

    Args:
        ids: (T,) int64. What lies behind the first END is not read.
        characters: the vocabulary. Character k has the id 3 + k.

    Returns:
        The characters before the first END, or all of them where there is none. BEGIN and PAD give
        no character.
    """
    text = []
    for number in ids.tolist():
        if number == END:
            break
        if number >= _FIRST:
            text.append(characters[number - _FIRST])
    return "".join(text)


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
    inputs = pad_sequence([tune[:-1] for tune in tunes], batch_first=True, padding_value=PAD)
    targets = pad_sequence([tune[1:] for tune in tunes], batch_first=True, padding_value=PAD)
    lengths = torch.tensor([len(tune) - 1 for tune in tunes])
    return inputs, targets, torch.arange(inputs.shape[1]) < lengths[:, None]


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
    log_p = log_softmax(logits, dim=2).gather(2, targets[:, :, None])[:, :, 0]
    return -log_p[mask].mean() / math.log(2)


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
    numbers = [math.inf if math.isnan(loss) else loss for loss in losses]
    best = numbers.index(min(numbers))
    return best, len(numbers) - 1 - best >= patience


class TuneModel(nn.Module):
    """A model that reads symbols and gives logits for the next one.

    Args:
        symbols: V, the number of ids: 3 more than there are characters.
        embedding_size: of the vector that stands for a symbol.
        hidden_size: of the recurrent state.
    """

    def __init__(self, symbols: int, embedding_size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, symbols)

    def forward(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read N tunes further by T symbols.

        Args:
            inputs: (N, T) int64.
            state: what an earlier call returned for the same N tunes; None at their beginning.

        Returns:
            (logits, state): (N, T, V), where logits [n, t] are for the symbol behind inputs
            [n, t]; and the state after the last symbol.
        """
        hidden, state = self.lstm(self.embedding(inputs), state)
        return self.output(hidden), state


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
    torch.manual_seed(seed)
    model = TuneModel(_FIRST + len(characters), 16, 128)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.005)
    batches = _batches([encode(tune, characters) for tune in tunes], 16)
    held_out = _batches([encode(tune, characters) for tune in validation], 64)
    losses: list[float] = []
    kept = copy.deepcopy(model.state_dict())
    for epoch in range(epochs):
        model.train()
        for number in torch.randperm(len(batches)).tolist():
            inputs, targets, mask = batches[number]
            loss = bits_per_character(model(inputs)[0], targets, mask)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        losses.append(_measure(model, held_out))
        report(epoch, bits=losses[-1])
        best, stop = early_stop(losses, patience)
        if best == epoch:
            kept = copy.deepcopy(model.state_dict())
        if stop:
            break
    model.load_state_dict(kept)
    return model.eval(), losses


def _batches(tunes: list[Tensor], size: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Batches of tunes of similar lengths, so that there is little padding."""
    tunes = sorted(tunes, key=len)
    return [batch(tunes[start : start + size]) for start in range(0, len(tunes), size)]


def _measure(model: TuneModel, batches: list[tuple[Tensor, Tensor, Tensor]]) -> float:
    """The bits per character over all batches together."""
    model.eval()
    total = count = 0.0
    with torch.no_grad():
        for inputs, targets, mask in batches:
            symbols = int(mask.sum())
            total += float(bits_per_character(model(inputs)[0], targets, mask)) * symbols
            count += symbols
    return total / count
