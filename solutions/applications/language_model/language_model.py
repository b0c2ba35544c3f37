"""A character model on one long text: its loss, its training in chunks, and what it writes."""

import math
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
    columns = (len(ids) - 1) // batch_size
    inputs = ids[: batch_size * columns].view(batch_size, columns)
    targets = ids[1 : batch_size * columns + 1].view(batch_size, columns)
    return list(zip(inputs.split(steps, dim=1), targets.split(steps, dim=1), strict=True))


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
    log_p = logits.log_softmax(dim=2).gather(2, targets[:, :, None])[:, :, 0]
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return -torch.where(real, log_p, 0.0).sum(), int(lengths.sum())


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
    return math.exp(sum(totals) / sum(counts))


def bits_per_character(totals: Sequence[float], counts: Sequence[int]) -> float:
    """Pool the losses of several batches into bits per character: log2 of the perplexity.

    Args:
        totals: of each batch, the summed loss in nats.
        counts: of each batch, the number of its targets.

    Source: Graves (2013), section 3.1.
    """
    return sum(totals) / sum(counts) / math.log(2)


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
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is below 0")
    if temperature == 0:
        best = logits.argmax(dim=1, keepdim=True)
        return torch.zeros_like(logits).scatter(1, best, 1.0)
    return (logits / temperature).softmax(dim=1)


def sample(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Draw a symbol for each row, with torch's generator.

    Args:
        logits: (N, V), float32 or float64.
        temperature: as in `probabilities`.

    Returns:
        (N,) int64, symbols from 0 to V - 1.

    Source: Graves (2013), section 3.
    """
    return torch.multinomial(probabilities(logits, temperature), 1)[:, 0]


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
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, symbols)

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
        hidden, state = self.lstm(self.embedding(ids), state)
        return self.output(hidden), state


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
    logits, (h, c) = model(inputs, state)
    total, count = cross_entropy(logits, targets, torch.full((len(inputs),), inputs.shape[1]))
    return total / count, (h.detach(), c.detach())


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
    totals, counts, state = [], [], None
    with torch.no_grad():
        for inputs, targets in cut(ids, 1, steps):
            logits, state = model(inputs, state)
            total, count = cross_entropy(logits, targets, torch.tensor([inputs.shape[1]]))
            totals.append(float(total))
            counts.append(count)
    return sum(totals), sum(counts)


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
    with torch.no_grad():
        logits, state = model(symbols[:, None], state)
    return logits[:, 0].log_softmax(dim=1), state


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
    state, written = None, []
    for symbol in prompt:
        log_p, state = step(model, symbol[None], state)
    for _ in range(length):
        symbol = sample(log_p, temperature)
        written.append(symbol)
        log_p, state = step(model, symbol, state)
    return torch.cat(written) if written else prompt[:0]


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
    torch.manual_seed(seed)
    model = CharLSTM(symbols, 16, 64)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    chunks = cut(ids, min(16, len(ids) - 1), 40)
    place = 0
    for _ in range(epochs):
        state = None
        for inputs, targets in chunks:
            loss, state = chunk_loss(model, inputs, targets, state)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            report(place, loss=loss.item())
            place += 1
    return model
