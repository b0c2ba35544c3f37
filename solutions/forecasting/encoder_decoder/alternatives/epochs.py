"""Batches from shuffled epochs, and a forward pass that is written as a recursion."""

import random

import torch
from torch import nn

BATCH_SIZE = 64


def masked_loss(forecast, target):
    """Weigh each error by 1 or 0."""
    weight = (~torch.isnan(target)).to(forecast.dtype)
    error = (forecast - torch.nan_to_num(target)) * weight
    count = weight.sum()
    return (error * error).sum() / torch.where(count > 0, count, 1.0)


class EncoderDecoder(nn.Module):
    """The three modules."""

    def __init__(self, hidden_size):
        super().__init__()
        self.head = nn.Linear(hidden_size, 1)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.encoder = nn.LSTM(input_size=2, hidden_size=hidden_size, batch_first=True)

    def encode(self, x):
        """Read step by step along the first axis."""
        h, c = self.encoder(x)[1]
        return [h[-1], c[-1]]

    def step(self, value, state):
        """Take a step."""
        h, c = self.decoder(value.view(-1, 1), tuple(state))
        return self.head(h).view(-1), [h, c]

    def _from(self, value, state, truths):
        if not truths:
            return []
        forecast, state = self.step(value, state)
        truth, *later = truths
        fed = forecast if truth is None else torch.where(truth == truth, truth, forecast)
        return [forecast, *self._from(fed, state, later)]

    def forward(self, x, horizon, targets=None):
        """Recurse over the horizon."""
        truths = [None] * horizon if targets is None else list(targets.unbind(1))
        return torch.stack(self._from(x[:, -1, 0], self.encode(x), truths), dim=1)


def make_optimizer(model):
    """Adam, one group for each module."""
    return torch.optim.Adam([{"params": m.parameters()} for m in model.children()], lr=0.01)


def train_step(model, optimizer, x, y, forced):
    """One step."""
    for p in model.parameters():
        p.grad = None
    targets = y if forced else None
    loss = masked_loss(model(x, y.shape[-1], targets), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _batches(count, seed):
    draw = random.Random(seed)
    waiting = []
    while True:
        while len(waiting) < BATCH_SIZE:
            waiting += draw.sample(range(count), count)
        yield waiting[:BATCH_SIZE]
        waiting = waiting[BATCH_SIZE:]


def train(model, x, y, steps, seed, *, report):
    """Train on epochs."""
    optimizer, losses, batches = make_optimizer(model), [], _batches(len(x), seed)
    for k, batch in zip(range(steps), batches, strict=False):
        loss = train_step(model, optimizer, x[batch], y[batch], k < steps / 2)
        report(k, loss=loss)
        losses.append(loss)
    return losses
