"""The loss by selection, and a decoder whose inputs are put together before each step."""

import torch
from torch import nn


def masked_loss(forecast, target):
    """Select what was measured."""
    there = torch.isfinite(target)
    if not there.any():
        return (forecast * 0).sum()
    return nn.functional.mse_loss(forecast[there], target[there])


class EncoderDecoder(nn.Module):
    """The outputs of the encoder's last step in place of its final h."""

    def __init__(self, hidden_size):
        super().__init__()
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.head = nn.Linear(hidden_size, 1)

    def encode(self, x):
        """Read."""
        out, state = self.encoder(x)
        return out[:, -1], state[1].squeeze(0)

    def step(self, value, state):
        """Take a step."""
        state = self.decoder(value.unsqueeze(-1), state)
        return self.head(state[0]).squeeze(-1), state

    def forward(self, x, horizon, targets=None):
        """Write into a tensor, column by column."""
        fed, state = x[:, -1, 0], self.encode(x)
        columns = []
        for j in range(horizon):
            if j:
                fed = columns[-1]
                if targets is not None:
                    missing = targets[:, j - 1].isnan()
                    fed = missing * fed + ~missing * targets[:, j - 1].nan_to_num()
            column, state = self.step(fed, state)
            columns.append(column)
        return torch.stack(columns, -1)


def make_optimizer(model):
    """Adam."""
    return torch.optim.Adam(list(model.parameters()), 1e-2)


def train_step(model, optimizer, x, y, forced):
    """Clip by hand."""
    model.train()
    loss = masked_loss(model(x, y.size(1), targets=y if forced else None), y)
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    norm = torch.cat([g.flatten() for g in gradients]).norm()
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = g / norm if norm > 1 else g
    optimizer.step()
    return loss.detach().item()


def train(model, x, y, steps, seed, *, report):
    """Shuffle again and again, as an epoch does, in place of drawing."""
    g = torch.Generator()
    g.manual_seed(seed)
    optimizer = make_optimizer(model)
    losses = []
    for k in range(steps):
        weights = torch.ones(len(x))
        i = torch.multinomial(weights, 64, replacement=len(x) < 64, generator=g)
        losses.append(train_step(model, optimizer, x[i], y[i], 2 * k < steps))
        report(k, loss=losses[-1])
    return losses
