"""Einsum throughout; a table of distances; the past's part of the scores is computed once."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

POSITION_SIZE = 10


def positions(first, steps):
    """NumPy's table."""
    angles = np.outer(np.arange(first, first + steps), np.pi / 2.0 ** np.arange(5))
    table = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return torch.from_numpy(table).to(torch.get_default_dtype())


def attend(query, keys, values, measured):
    """A softmax by hand."""
    scores = torch.einsum("nk,nlk->nl", query * query.size(1) ** -0.5, keys)
    scores = torch.where(measured, scores, torch.finfo(scores.dtype).min)
    shares = (scores - scores.amax(1, keepdim=True)).exp() * measured
    weights = shares / shares.sum(1, keepdim=True)
    return torch.einsum("nl,nlv->nv", weights, values), weights


def attended_lag(weights):
    """One mean for each distance."""
    n, horizon, lookback = weights.shape
    best, most = 0, -1.0
    for lag in range(1, lookback + horizon):
        mass = torch.zeros(())
        for step in range(horizon):
            past = lookback + step - lag
            if 0 <= past < lookback:
                mass = mass + weights[:, step, past].sum()
        if mass > most:
            best, most = lag, mass
    return best, (most / (n * horizon)).item()


class AttentionForecaster(nn.Module):
    """Queries of positions and of states."""

    def __init__(self, hidden_size):
        super().__init__()
        size = hidden_size + POSITION_SIZE
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.query = nn.Linear(size, size, bias=False)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x, horizon, targets=None):
        """Forecast."""
        hs, state = self.encoder(x)
        state = [part.squeeze(0) for part in state]
        where = positions(0, x.size(1) + horizon).to(x.dtype)
        past, future = where.split([x.size(1), horizon])
        keys = torch.cat([hs, past.unsqueeze(0).repeat(len(x), 1, 1)], -1)
        fed, out = x[:, -1, 0], []
        for step in range(horizon):
            if step and targets is not None:
                truth = targets[:, step - 1]
                fed = torch.where(truth.isnan(), fed, truth)
            state = self.decoder(fed.unsqueeze(1), tuple(state))
            query = F.linear(
                torch.cat([state[0], future[step].repeat(len(x), 1)], 1), self.query.weight
            )
            context, weights = attend(query, keys, x[..., :1], x[..., 1].bool())
            fed = context.squeeze(1) + self.head(state[0]).squeeze(1)
            out.append((fed, weights))
        forecasts, looks = zip(*out, strict=True)
        return torch.stack(forecasts, 1), torch.stack(looks, 1)


def masked_loss(forecast, target):
    """The mean squared error over what was measured."""
    measured = ~target.isnan()
    error = torch.where(measured, target, forecast.detach()) - forecast
    return error.square().sum() / measured.sum().clamp(min=1)


def train(model, x, y, steps, seed, *, report):
    """As it is given."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for k in range(steps):
        batch = torch.randint(len(x), (64,), generator=generator)
        forecasts, _ = model(x[batch], y.shape[1], y[batch] if k < steps // 2 else None)
        loss = masked_loss(forecasts, y[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        report(k, loss=losses[-1])
    return losses
