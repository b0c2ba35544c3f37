"""A forecaster that looks back at its past, and says where it looks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

# Given. The numbers that describe a position, and how `train` trains.
POSITION_SIZE, BATCH_SIZE, LEARNING_RATE, MAX_NORM = 10, 64, 0.02, 1.0


def positions(first: int, steps: int) -> torch.Tensor:
    """Describe steps by where they stand.

        p_t = (sin(ω_0 t), ..., sin(ω_4 t), cos(ω_0 t), ..., cos(ω_4 t)),   ω_k = π / 2^k

    Args:
        first: t of the first step.
        steps: S >= 1, how many steps.

    Returns:
        (S, POSITION_SIZE), float32: the positions first, first + 1, ...

    Source: Vaswani et al. (2017), section 3.5, with other frequencies.
    """
    raise NotImplementedError


def attend(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, measured: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Read from the steps of the past that fit a query.

        s_t = query · key_t / √K,   a = softmax of s over the measured steps,   context = Σ a_t v_t

    Args:
        query: (N, K), float32 or float64.
        keys: (N, L, K), one for each step.
        values: (N, L, V), what can be read at each step.
        measured: (N, L) bool, False at gaps; each row has at least one True.

    Returns:
        context: (N, V), in the dtype of query.
        weights: (N, L), in the same dtype, exactly 0 at gaps; each row sums to 1.

    Source: Luong, Pham and Manning (2015), section 3.1.
    """
    raise NotImplementedError


def attended_lag(weights: torch.Tensor) -> tuple[int, float]:
    """Say at which distance a forecaster looks.

    Step j = 0, ..., H - 1 of the horizon stands L + j - t steps behind step t of the past.

    Args:
        weights: (N, H, L), the rows sum to 1.

    Returns:
        lag: the distance with the largest share of the weights.
        share: the mean over all windows and steps of the weight at that distance, from 0 to 1. A
            step at which the distance lies outside of the past counts with 0.

    Source: Bahdanau, Cho and Bengio (2015), section 5.2.1, where weights are looked at.
    """
    raise NotImplementedError


class AttentionForecaster(nn.Module):
    """An encoder-decoder whose every step asks a query and reads values of the past.

    Args:
        hidden_size: D, the units of the encoder and of the decoder, at least 1.

    Attributes:
        encoder: torch.nn.LSTM(2, D, batch_first=True).
        decoder: torch.nn.LSTMCell(1, D).
        query: torch.nn.Linear(D + POSITION_SIZE, D + POSITION_SIZE, bias=False).
        head: torch.nn.Linear(D, 1), what is added to the value that was read.

    Source: Luong, Pham and Manning (2015), section 3: attention behind the decoder's step.
    """

    def __init__(self, hidden_size: int) -> None:
        raise NotImplementedError

    def forward(
        self, x: torch.Tensor, horizon: int, targets: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Forecast the steps that follow on a past.

        Args:
            x: (N, L, 2) the value at each step, 0 at a gap, and 1 where it was measured, else 0.
            horizon: H >= 1, the steps to forecast.
            targets: (N, H) for teacher forcing, nan where nothing was measured; None at test.

        Returns:
            forecasts: (N, H), in the dtype of x.
            weights: (N, H, L), where each step of the horizon looked.
        """
        raise NotImplementedError


# Given. What is measured is compared, and the rest is left out.
def masked_loss(forecast: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The mean squared error () over what was measured of target (N, H); nan marks gaps."""
    measured = ~target.isnan()
    error = torch.where(measured, target, forecast.detach()) - forecast
    return error.square().sum() / measured.sum().clamp(min=1)


# Given. The training of `forecasting/encoder_decoder`: forced in its first half, then not.
def train(
    model: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    steps: int,
    seed: int,
    *,
    report: Callable[..., None],
) -> list[float]:
    """Train a forecaster in place, and return the loss of each step.

    Args:
        model: an AttentionForecaster.
        x: (M, L, 2) all windows for training.
        y: (M, H) what followed on them, nan where nothing was measured.
        steps: how many steps of training to take.
        seed: decides which windows are drawn.
        report: is called as report(k, loss=...) after each step.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for k in range(steps):
        batch = torch.randint(len(x), (BATCH_SIZE,), generator=generator)
        forecasts, _ = model(x[batch], y.shape[1], y[batch] if k < steps // 2 else None)
        loss = masked_loss(forecasts, y[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        losses.append(loss.item())
        report(k, loss=losses[-1])
    return losses
