"""An LSTM that reads the past, and one that writes the future down from what the first knows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

# Given. How `train` trains: the windows of a batch, the learning rate, the largest norm.
BATCH_SIZE, LEARNING_RATE, MAX_NORM = 64, 0.01, 1.0


def masked_loss(forecast: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Measure the mean squared error over what was measured.

    Args:
        forecast: (N, H) forecasts, float32 or float64.
        target: (N, H) what came, nan where nothing was measured.

    Returns:
        () the mean over all measured steps of all windows, in the dtype of forecast; 0 if nothing
            was measured. Its gradient is finite.
    """
    measured = ~target.isnan()
    # Replaced before the subtraction: the gradient of nan times 0 is nan.
    error = torch.where(measured, target, forecast.detach()) - forecast
    return error.square().sum() / measured.sum().clamp(min=1)


class EncoderDecoder(nn.Module):
    """An encoder reads the past; a decoder begins with its state and takes a step for each hour.

    Args:
        hidden_size: D, the units of the encoder and of the decoder, at least 1.

    Attributes:
        encoder: torch.nn.LSTM(2, D, batch_first=True).
        decoder: torch.nn.LSTMCell(1, D).
        head: torch.nn.Linear(D, 1).

    Source: Sutskever, Vinyals and Le (2014), section 2.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.encoder = nn.LSTM(2, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(1, hidden_size)
        self.head = nn.Linear(hidden_size, 1)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Read the past.

        Args:
            x: (N, L, 2) the value at each step and whether it was measured.

        Returns:
            (h, c), each (N, D): the encoder's state behind the last step.
        """
        _, (h, c) = self.encoder(x)
        return h[0], c[0]

    def step(
        self, value: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Take one step of the decoder.

        Args:
            value: (N,) the value of the step before.
            state: (h, c), each (N, D).

        Returns:
            forecast: (N,) what the head reads from the new h.
            state: the new (h, c).
        """
        h, c = self.decoder(value[:, None], state)
        return self.head(h)[:, 0], (h, c)

    def forward(
        self, x: torch.Tensor, horizon: int, targets: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Forecast the steps that follow on a past.

        Args:
            x: (N, L, 2) the value at each step and whether it was measured.
            horizon: H >= 1, the steps to forecast.
            targets: (N, H) for teacher forcing, nan where nothing was measured; None at test.

        Returns:
            (N, H) the forecasts, in the dtype of x.

        Source: Williams and Zipser (1989): teacher forcing.
        """
        state = self.encode(x)
        value = x[:, -1, 0]
        forecasts = []
        for step in range(horizon):
            forecast, state = self.step(value, state)
            forecasts.append(forecast)
            value = forecast
            if targets is not None:
                given = targets[:, step]
                value = torch.where(given.isnan(), forecast, given)
        return torch.stack(forecasts, dim=1)


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Make the optimiser that `train` uses: Adam over all parameters, at LEARNING_RATE.

    Args:
        model: what is to be trained.

    Returns:
        A torch.optim.Adam, with torch's other defaults.

    Source: Kingma and Ba (2015), section 2.
    """
    return torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    forced: bool,
) -> float:
    """Take one step of training on one batch.

    Args:
        model: an EncoderDecoder.
        optimizer: of its parameters.
        x: (N, L, 2) windows.
        y: (N, H) what followed on them, nan where nothing was measured.
        forced: whether the decoder is fed with y (teacher forcing) or with its own forecasts.

    Returns:
        The masked loss of the batch before the step, a Python float.

    Source: Pascanu, Mikolov and Bengio (2013), section 3.2: the norm of the gradient is clipped.
    """
    optimizer.zero_grad()
    forecast = model(x, y.shape[1], y if forced else None)
    loss = masked_loss(forecast, y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
    optimizer.step()
    return loss.item()


def train(
    model: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    steps: int,
    seed: int,
    *,
    report: Callable[..., None],
) -> list[float]:
    """Train on batches of windows that are drawn anew at each step.

    Args:
        model: an EncoderDecoder. It is trained in place.
        x: (M, L, 2) all windows for training.
        y: (M, H) what followed on them, nan where nothing was measured.
        steps: K, how many steps of training to take, an even number.
        seed: decides which windows are drawn.
        report: to be called as report(k, loss=...) after each step; it shows the progress.

    Returns:
        The loss of each step, K floats.

    Source: Bengio, Vinyals, Jaitly and Shazeer (2015), section 2.4: less forcing as training goes.
    """
    optimizer = make_optimizer(model)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for k in range(steps):
        batch = torch.randint(len(x), (BATCH_SIZE,), generator=generator)
        losses.append(train_step(model, optimizer, x[batch], y[batch], k < steps // 2))
        report(k, loss=losses[-1])
    return losses
