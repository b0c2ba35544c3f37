"""A character model on one long text: its loss, its training in chunks, and what it writes."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn


def cut(ids: torch.Tensor, batch_size: int, steps: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Cut a text into chunks, so that each row goes on in the next chunk.

    The text is laid out in N rows of R = (L - 1) // N steps, one behind the other. A chunk is the
    next `steps` columns of all rows.

    Args:
        ids: (L,) int64, the symbols of a text.
        batch_size: N, from 1 to L - 1.
        steps: T >= 1, the columns of a chunk.

    Returns:
        The pairs (inputs, targets) of all chunks, in order, each (N, T) int64; the last ones can
        have fewer columns. targets[n, t] is the symbol behind inputs[n, t] in the text. What does
        not fill a column of all rows is left out at the end of the text.

    Source: Mikolov (2012), section 3.2.
    """
    raise NotImplementedError


def cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, int]:
    """Sum up how surprised a model is at the targets, in nats.

        total = -Σ_n Σ_t ln p[n, t, targets[n, t]],    t = 0 ... lengths[n] - 1

    Args:
        logits: (N, T, V), float32 or float64; p is their softmax over V.
        targets: (N, T) int64; behind the end of a row, any ids from 0 to V - 1.
        lengths: (N,) int64, from 0 to T: the real targets of each row.

    Returns:
        total: () the sum over all real targets, in the dtype of the logits.
        count: their number.

    Source: Goodfellow, Bengio and Courville (2016), section 6.2.2.
    """
    raise NotImplementedError


def perplexity(totals: Sequence[float], counts: Sequence[int]) -> float:
    """Pool the losses of several batches into one perplexity.

        exp(Σ totals / Σ counts)

    Args:
        totals: of each batch, the summed loss in nats.
        counts: of each batch, the number of its targets.

    Returns:
        Among how many equally likely symbols the model seems to choose.

    Source: Jelinek, Mercer, Bahl and Baker (1977).
    """
    raise NotImplementedError


def bits_per_character(totals: Sequence[float], counts: Sequence[int]) -> float:
    """Pool the losses of several batches into bits per character: log2 of the perplexity.

    Args:
        totals: of each batch, the summed loss in nats.
        counts: of each batch, the number of its targets.

    Source: Graves (2013), section 3.1.
    """
    raise NotImplementedError


def probabilities(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Turn logits into probabilities, sharper or flatter.

        p_v = exp(logit_v / temperature) / Σ_u exp(logit_u / temperature)

    Args:
        logits: (N, V), float32 or float64.
        temperature: 0, or 1e-6 and more. At 0, the largest logit has all of the probability.

    Returns:
        (N, V) in the dtype of the logits.

    Raises:
        ValueError: the temperature is below 0. The message holds it.

    Source: Ackley, Hinton and Sejnowski (1985), for the temperature.
    """
    raise NotImplementedError


def sample(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Draw a symbol for each row, with torch's generator.

    Args:
        logits: (N, V), float32 or float64.
        temperature: as in `probabilities`.

    Returns:
        (N,) int64, symbols from 0 to V - 1.

    Source: Graves (2013), section 3.
    """
    raise NotImplementedError


class CharLSTM(nn.Module):
    """An embedding, an LSTM, and a line to the logits of the next symbol.

    Its parameters are those of `embedding` (torch's nn.Embedding), `lstm` (nn.LSTM with
    batch_first) and `output` (nn.Linear), with torch's names.

    Args:
        symbols: V.
        embedding_size: of the vector of a symbol.
        hidden_size: H.

    Source: Graves (2013), section 2.
    """

    def __init__(self, symbols: int, embedding_size: int, hidden_size: int) -> None:
        raise NotImplementedError

    def forward(
        self, ids: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Read on, and give logits for the symbol behind each step.

        Args:
            ids: (N, T) int64.
            state: (h, c), each (1, N, H), after what was read before; None at the beginning.

        Returns:
            logits: (N, T, V).
            state: (h, c) after the last step, each (1, N, H).
        """
        raise NotImplementedError


def chunk_loss(
    model: CharLSTM,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    state: tuple[torch.Tensor, torch.Tensor] | None,
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Give the loss of one chunk, and the state for the next one.

    Args:
        model: reads the chunk.
        inputs: (N, T) int64.
        targets: (N, T) int64, all of them real.
        state: (h, c) after the chunk before, None for the first one.

    Returns:
        loss: () the mean of -ln p over all targets. Gradients reach the model's parameters.
        state: (h, c) after the chunk, cut off from the graph.

    Source: Williams and Peng (1990), truncated backpropagation through time.
    """
    raise NotImplementedError


def evaluate(model: CharLSTM, ids: torch.Tensor, steps: int) -> tuple[float, int]:
    """Measure a model on a whole text, in chunks so that memory stays small.

    Args:
        model: a model.
        ids: (L,) int64, L >= 2.
        steps: T >= 1, the symbols of a chunk.

    Returns:
        total: the summed loss of the symbols 1 ... L - 1, each given all that stand before it.
        count: L - 1.

    Source: Mikolov (2012), section 3.2.
    """
    raise NotImplementedError


def step(model: CharLSTM, symbols: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
    """Read one symbol more, and say what comes next.

    Args:
        model: a model.
        symbols: (N,) int64, the next symbol of each of N texts.
        state: what this function returned for the symbols before; None at the beginning.

    Returns:
        log_p: (N, V) ln of the probability of each symbol to come next.
        state: of any kind, for the next call.

    Source: Graves (2013), section 2.
    """
    raise NotImplementedError


def generate(
    model: CharLSTM, prompt: torch.Tensor, length: int, temperature: float
) -> torch.Tensor:
    """Write on.

    Args:
        model: a model.
        prompt: (P,) int64, P >= 1, the beginning of a text.
        length: how many symbols to write, at least 1.
        temperature: as in `probabilities`.

    Returns:
        (length,) int64, the symbols behind the prompt: each is drawn, and then read.

    Source: Graves (2013), section 3.
    """
    raise NotImplementedError


def train(
    ids: torch.Tensor,
    symbols: int,
    *,
    seed: int,
    epochs: int = 12,
    report: Callable[..., None],
) -> CharLSTM:
    """Train a model on a text.

    Sizes, optimiser, rows, steps and the default of `epochs` are yours to choose.

    Args:
        ids: (L,) int64, the symbols of the text.
        symbols: V: ids are 0 to V - 1.
        seed: of every draw that is made.
        epochs: how often the text is read.
        report: call it as report(step, loss=...) as you go on: it draws your curve.

    Returns:
        A model for `step` and `generate`.
    """
    raise NotImplementedError
