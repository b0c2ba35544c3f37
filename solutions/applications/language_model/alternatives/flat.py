"""Torch's own losses on flattened steps, and sampling with Gumbel noise."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def cut(ids, batch_size, steps):
    """Index the text with a table of places."""
    columns = (len(ids) - 1) // batch_size
    places = torch.arange(batch_size)[:, None] * columns + torch.arange(columns)
    return [(ids[p], ids[p + 1]) for p in places.split(steps, dim=1)]


def cross_entropy(logits, targets, lengths):
    """Mark padding with the index that torch ignores."""
    steps = torch.arange(targets.shape[1])
    marked = targets.masked_fill(steps >= lengths.unsqueeze(1), -100)
    total = F.cross_entropy(logits.flatten(0, 1), marked.flatten(), reduction="sum")
    return total, (marked != -100).sum()


def perplexity(totals, counts):
    """A mean that is weighted by the counts."""
    weights = [count / sum(counts) for count in counts]
    means = [total / max(count, 1) for total, count in zip(totals, counts, strict=True)]
    return math.exp(sum(w * mean for w, mean in zip(weights, means, strict=True)))


def bits_per_character(totals, counts):
    """The logarithm of the perplexity."""
    return math.log2(perplexity(totals, counts))


def probabilities(logits, temperature):
    """No division where the temperature is next to 0."""
    if temperature < 0:
        raise ValueError(f"expected a temperature of 0 or more, got {temperature}")
    if temperature < 1e-9:
        return F.one_hot(logits.argmax(1), logits.shape[1]).to(logits.dtype)
    return torch.exp(F.log_softmax(logits / temperature, dim=1))


def sample(logits, temperature):
    """The largest sum of a logit and Gumbel noise has the right probability."""
    if temperature < 0:
        raise ValueError(f"expected a temperature of 0 or more, got {temperature}")
    noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(min=1e-12)))
    return (logits + temperature * noise).argmax(1)


class CharLSTM(nn.Module):
    """Steps of an LSTM from torch."""

    def __init__(self, symbols, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, symbols)

    def forward(self, ids, state=None):
        """Give logits and the state."""
        if state is None:
            shape = (1, ids.shape[0], self.lstm.hidden_size)
            zeros = torch.zeros(shape, dtype=self.output.weight.dtype)
            state = (zeros, zeros)
        hidden, state = self.lstm(self.embedding(ids), state)
        return F.linear(hidden, self.output.weight, self.output.bias), state


def chunk_loss(model, inputs, targets, state):
    """The mean over all steps, by torch."""
    logits, state = model(inputs, state)
    loss = F.cross_entropy(logits.transpose(1, 2), targets)
    return loss, tuple(part.detach() for part in state)


def evaluate(model, ids, steps):
    """Collect the losses of all symbols, then add them up."""
    losses, state = [], None
    with torch.inference_mode():
        for inputs, targets in zip(ids[:-1].split(steps), ids[1:].split(steps), strict=True):
            logits, state = model(inputs[None], state)
            losses.append(F.cross_entropy(logits[0], targets, reduction="none"))
    together = torch.cat(losses)
    return together.sum().item(), together.numel()


def step(model, symbols, state):
    """The state also counts the symbols."""
    count, state = state or (0, None)
    with torch.no_grad():
        logits, state = model(symbols.reshape(-1, 1), state)
    return F.log_softmax(logits.squeeze(1), dim=-1), (count + 1, state)


def generate(model, prompt, length, temperature):
    """A text that grows."""
    text, state = prompt.tolist(), None
    for symbol in text[:-1]:
        _, state = step(model, torch.tensor([symbol]), state)
    for _ in range(length):
        log_p, state = step(model, torch.tensor(text[-1:]), state)
        text.append(int(sample(log_p, temperature)))
    return torch.tensor(text[len(prompt) :], dtype=torch.int64)


def train(ids, symbols, *, seed, epochs=8, report):
    """AdamW, and a learning rate that falls."""
    torch.manual_seed(seed)
    model = CharLSTM(symbols, 8, 80)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.012)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.85)
    chunks = cut(ids, max(1, min(10, len(ids) // 2)), 50)
    for epoch in range(epochs):
        state, losses = None, []
        for inputs, targets in chunks:
            loss, state = chunk_loss(model, inputs, targets, state)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
        schedule.step()
        report(epoch, loss=sum(losses) / len(losses))
    return model
