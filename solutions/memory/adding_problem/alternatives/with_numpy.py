"""The problem drawn by NumPy, a model that sets its bias through the state dict."""

import numpy as np
import torch
from torch import nn


def adding_batch(n, length, seed):
    """Draw with NumPy's generator."""
    rng = np.random.default_rng(seed)
    x = np.zeros((n, length, 2), dtype=np.float32)
    x[:, :, 0] = rng.random((n, length))
    rows, half = np.arange(n), length // 2
    i, j = rng.integers(0, half, n), rng.integers(half, length, n)
    x[rows, i, 1] = x[rows, j, 1] = 1
    y = x[rows, i, 0] + x[rows, j, 0]
    return torch.from_numpy(x), torch.from_numpy(y)


class Adder(nn.Module):
    """All biases of the forget gate through the state dict."""

    def __init__(self, kind, hidden_size, memory_bias=3.0):
        super().__init__()
        self.recurrent = getattr(nn, kind.upper())(2, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)
        if kind == "lstm":
            state = self.recurrent.state_dict()
            i, f = torch.arange(4 * hidden_size).view(4, -1)[:2]
            state["bias_hh_l0"][f], state["bias_ih_l0"][f] = memory_bias, 0.0
            state["bias_hh_l0"][i], state["bias_ih_l0"][i] = -memory_bias - 1.0, 1.0
            self.recurrent.load_state_dict(state)

    def forward(self, x):
        """Answer at every step, and keep the last answer."""
        out, _ = self.recurrent(x)
        return self.head(out)[:, -1, 0]


def make_optimizer(model):
    """Adam."""
    return torch.optim.Adam(list(model.parameters()), 0.02)


def train_step(model, optimizer, x, y):
    """One step."""
    model.train()
    error = model(x) - y
    loss = error @ error / len(y)
    for p in model.parameters():
        p.grad = None
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    return loss.detach().item()


def train(model, length, steps, seed, *, report):
    """Train."""
    optimizer = make_optimizer(model)

    def one(k):
        x, y = adding_batch(64, length, seed + k)
        loss = train_step(model, optimizer, x, y)
        report(k, loss=loss)
        return loss

    return [one(k) for k in range(steps)]
