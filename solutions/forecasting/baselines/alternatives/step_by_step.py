"""One forecast after the other, each from what stands before it."""

import torch


def last_value(past, horizon):
    """Append the last value again and again."""
    return torch.cat([past[:, -1:]] * horizon, dim=1)


def seasonal_naive(past, horizon, season):
    """Each step repeats what stands a season before, forecast or not."""
    if season < 1 or season > past.shape[1]:
        raise ValueError(f"{season=} does not fit into T={past.shape[1]}")
    columns = list(past.T)
    for _ in range(horizon):
        columns.append(columns[-season])
    return torch.stack(columns[past.shape[1] :], dim=1)


def drift(past, horizon):
    """Each step adds the mean of all earlier differences."""
    if past.shape[1] < 2:
        raise ValueError(f"T={past.shape[1]} is too short")
    step = past.diff(dim=1).mean(dim=1)
    last = past[:, -1]
    forecasts = []
    for _ in range(horizon):
        last = last + step
        forecasts.append(last)
    return torch.stack(forecasts, dim=1)


def moving_average(past, horizon, window):
    """The mean, by way of a sum."""
    if window < 1 or window > past.shape[1]:
        raise ValueError(f"{window=} does not fit into T={past.shape[1]}")
    mean = past[:, -window:].sum(dim=1) / window
    return mean[:, None].expand(-1, horizon).clone()


def _errors(forecast, actual):
    if forecast.shape != actual.shape:
        raise ValueError(f"{list(forecast.shape)} against {list(actual.shape)}")
    return actual - forecast


def mae(forecast, actual):
    """The norm of order 1."""
    errors = _errors(forecast, actual)
    return torch.linalg.vector_norm(errors, ord=1) / errors.numel()


def rmse(forecast, actual):
    """The Euclidean norm over the root of the number."""
    errors = _errors(forecast, actual)
    return torch.linalg.vector_norm(errors) / errors.numel() ** 0.5


def smape(forecast, actual):
    """Errors over the mean of the two sizes; 0 / 0 is taken back."""
    errors = _errors(forecast, actual).abs()
    shares = errors / ((forecast.abs() + actual.abs()) / 2)
    return torch.where(errors == 0, 0.0, shares).mean() * 100


def mase(forecast, actual, train, season):
    """Series by series."""
    errors = _errors(forecast, actual).abs()
    if season < 1 or season >= train.shape[1]:
        raise ValueError(f"{season=} does not fit into a training part of T={train.shape[1]}")
    scaled = []
    for n, series in enumerate(train):
        steps = series[season:] - series[:-season]
        if not bool(steps.any()):
            raise ValueError(f"the scale of series {n} is 0")
        scaled.append(errors[n].mean() / steps.abs().mean())
    return torch.stack(scaled).mean()
