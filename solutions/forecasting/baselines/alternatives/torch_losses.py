"""Errors by torch's losses, in float64; forecasts by indices and broadcasting."""

import torch
from torch.nn.functional import l1_loss, mse_loss


def last_value(past, horizon):
    """A season of 1."""
    return seasonal_naive(past, horizon, 1)


def seasonal_naive(past, horizon, season):
    """The last season, laid end to end and cut."""
    steps = past.size(1)
    if not 0 < season <= steps:
        raise ValueError(f"season {season}, T {steps}")
    times = -(-horizon // season)
    return past[:, steps - season :].tile(1, times)[:, :horizon]


def drift(past, horizon):
    """A mean of the first and last value, with weights that leave the interval."""
    steps = past.size(1)
    if steps < 2:
        raise ValueError(f"a drift of T = {steps}")
    weight = 1 + torch.arange(1, horizon + 1, dtype=past.dtype) / (steps - 1)
    return torch.lerp(past[:, :1], past[:, -1:], weight)


def moving_average(past, horizon, window):
    """Windows of all positions, the last of which counts."""
    steps = past.size(1)
    if not 0 < window <= steps:
        raise ValueError(f"window {window}, T {steps}")
    return past.unfold(1, window, 1).mean(dim=2)[:, [-1] * horizon]


def _pair(forecast, actual):
    if forecast.size() != actual.size():
        raise ValueError(f"shapes {tuple(forecast.size())} and {tuple(actual.size())}")
    return forecast.double(), actual.double()


def mae(forecast, actual):
    """L1."""
    return l1_loss(*_pair(forecast, actual)).to(forecast.dtype)


def rmse(forecast, actual):
    """The root of L2."""
    return mse_loss(*_pair(forecast, actual)).sqrt().to(forecast.dtype)


def smape(forecast, actual):
    """Only the steps at which there is a size; the others count in the number alone."""
    one, other = _pair(forecast, actual)
    there = (one != 0) | (other != 0)
    shares = (one - other).abs()[there] / (one.abs() + other.abs())[there]
    return (200 * shares.sum() / one.numel()).to(forecast.dtype)


def mase(forecast, actual, train, season):
    """Divide forecasts and what came by the scale first."""
    one, other = _pair(forecast, actual)
    steps = train.size(1)
    if not 0 < season < steps:
        raise ValueError(f"season {season}, T {steps}")
    naive = train.double()
    scale = (naive[:, season:] - naive[:, :-season]).abs().mean(dim=1)
    (zero,) = (scale == 0).nonzero(as_tuple=True)
    if len(zero):
        raise ValueError(f"no scale for series {int(zero[0])}")
    return l1_loss(one / scale[:, None], other / scale[:, None]).to(forecast.dtype)
