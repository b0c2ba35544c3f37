"""The LSTM as a loop, losses by logsumexp, and sampling by comparing with a running sum."""

import itertools
import math

import torch
from torch import nn


def cut(ids, batch_size, steps):
    """Slice each row out of the text, and each chunk out of the rows."""
    columns = (len(ids) - 1) // batch_size
    rows = torch.stack([ids[n * columns : (n + 1) * columns + 1] for n in range(batch_size)])
    chunks = []
    for start in range(0, columns, steps):
        chunk = rows[:, start : start + steps + 1]
        chunks.append((chunk[:, :-1], chunk[:, 1:]))
    return chunks


def cross_entropy(logits, targets, lengths):
    """Row by row, its real steps alone."""
    total = logits.sum() * 0.0
    for row, wanted, length in zip(logits, targets, lengths.tolist(), strict=True):
        picked = row[:length].gather(1, wanted[:length, None])[:, 0]
        total = total + (torch.logsumexp(row[:length], 1) - picked).sum()
    return total, sum(lengths.tolist())


def perplexity(totals, counts):
    """Two to the bits."""
    return 2.0 ** bits_per_character(totals, counts)


def bits_per_character(totals, counts):
    """Sum first."""
    return math.fsum(totals) / (sum(counts) * math.log(2))


def probabilities(logits, temperature):
    """Subtract the largest logit, and divide by something above 0."""
    if temperature < 0:
        raise ValueError(f"{temperature} is no temperature")
    below = logits - logits.amax(dim=1, keepdim=True)
    weights = (below / temperature).exp() if temperature else (below == 0).to(logits.dtype)
    return weights / weights.sum(dim=1, keepdim=True)


def sample(logits, temperature):
    """The first symbol whose running sum passes a uniform draw."""
    running = probabilities(logits.double(), temperature).cumsum(1)
    drawn = torch.rand(len(logits), 1, dtype=torch.float64) * running[:, -1:]
    return (running <= drawn).sum(1).clamp(max=logits.shape[1] - 1)


class CharLSTM(nn.Module):
    """The same parameters, and a loop over the steps."""

    def __init__(self, symbols, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, symbols)

    def forward(self, ids, state=None):
        """Give logits and the state."""
        lstm, x = self.lstm, self.embedding(ids)
        if state is None:
            h = c = x.new_zeros(len(ids), lstm.hidden_size)
        else:
            h, c = state[0][0], state[1][0]
        hidden = []
        for x_t in x.unbind(1):
            gates = x_t @ lstm.weight_ih_l0.T + h @ lstm.weight_hh_l0.T
            i, f, g, o = (gates + lstm.bias_ih_l0 + lstm.bias_hh_l0).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            hidden.append(h)
        return self.output(torch.stack(hidden, 1)), (h[None], c[None])


def chunk_loss(model, inputs, targets, state):
    """Cut the graph where a state comes in, and where it goes out."""
    state = state and tuple(part.detach() for part in state)
    logits, (h, c) = model(inputs, state)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return loss, (h.detach(), c.detach())


@torch.no_grad()
def evaluate(model, ids, steps):
    """Windows of the text, one symbol longer than what is read."""
    total, state = 0.0, None
    for start in range(0, len(ids) - 1, steps):
        window = ids[None, start : start + steps + 1]
        logits, state = model(window[:, :-1], state)
        total += float(nn.functional.cross_entropy(logits[0], window[0, 1:], reduction="sum"))
    return total, len(ids) - 1


@torch.no_grad()
def step(model, symbols, state):
    """One column; the state is what the model has."""
    logits, state = model(symbols.unsqueeze(1), state)
    return (logits - logits.logsumexp(2, keepdim=True)).squeeze(1), state


@torch.no_grad()
def generate(model, prompt, length, temperature):
    """Read the prompt at once."""
    written = prompt.new_empty(length)
    if length == 0:
        return written
    logits, state = model(prompt[None])
    for place in range(length):
        written[place] = sample(logits[:, -1], temperature)[0]
        if place + 1 < length:
            logits, state = model(written[None, place : place + 1], state)
    return written


def train(ids, symbols, *, seed, epochs=6, report):
    """RMSprop over long rows."""
    torch.manual_seed(seed)
    model = CharLSTM(symbols, 12, 48)
    optimiser = torch.optim.RMSprop(model.parameters(), lr=0.008)
    counter = itertools.count()
    for _ in range(epochs):
        state = None
        for inputs, targets in cut(ids, min(20, len(ids) - 1), 25):
            model.zero_grad()
            loss, state = chunk_loss(model, inputs, targets, state)
            loss.backward()
            optimiser.step()
            report(next(counter), bits=loss.item() / math.log(2))
    return model
