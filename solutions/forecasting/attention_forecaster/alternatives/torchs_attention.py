"""Torch's own attention, asked for its weights with the identity, and diagonals for the lag."""

import math

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


def positions(first, steps):
    """Row by row."""
    rows = []
    for t in range(first, first + steps):
        angles = [math.pi * t / 2**k for k in range(5)]
        rows.append([math.sin(a) for a in angles] + [math.cos(a) for a in angles])
    return torch.tensor(rows)


def attend(query, keys, values, measured):
    """Read the values and the identity at once."""
    steps = torch.eye(keys.shape[1], dtype=keys.dtype).expand(len(keys), -1, -1)
    read = torch.cat([values, steps], dim=2)
    out = scaled_dot_product_attention(query[:, None], keys, read, attn_mask=measured[:, None])
    context, weights = out[:, 0].split([values.shape[2], keys.shape[1]], dim=1)
    return context, weights


def attended_lag(weights):
    """Sums along diagonals."""
    mean = weights.double().mean(0)
    horizon, lookback = mean.shape
    sums = {lookback - d: mean.diagonal(d).sum().item() for d in range(-horizon + 1, lookback)}
    lag = max(sums, key=sums.get)
    return lag, sums[lag] / horizon


class AttentionForecaster(nn.Module):
    """One step in a method of its own."""

    def __init__(self, hidden_size):
        super().__init__()
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.query = nn.Linear(hidden_size + 10, hidden_size + 10, bias=False)
        self.head = nn.Linear(hidden_size, 1)

    def _with_place(self, h, first):
        """Hidden states (N, S, D) beside the positions from `first` on."""
        table = positions(first, h.shape[1]).to(h.dtype)
        return torch.cat([h, table.expand(len(h), -1, -1)], dim=2)

    def forward(self, x, horizon, targets=None):
        """Forecast."""
        hidden, (h, c) = self.encoder(x)
        state, keys = (h[0], c[0]), self._with_place(hidden, 0)
        measured, values = x[:, :, 1] > 0.5, x[:, :, 0:1]
        fed, forecasts, looks = x[:, -1:, 0], [], []
        for step in range(horizon):
            state = self.decoder(fed, state)
            query = self.query(self._with_place(state[0][:, None], x.shape[1] + step))[:, 0]
            context, weights = attend(query, keys, values, measured)
            forecasts.append(self.head(state[0]) + context)
            looks.append(weights)
            fed = forecasts[-1]
            if targets is not None:
                truth = targets[:, step : step + 1]
                fed = torch.where(truth.isnan(), fed, truth)
        return torch.cat(forecasts, dim=1), torch.stack(looks, dim=1)


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
