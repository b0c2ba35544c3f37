"""Windows as views of the series, gaps by the position of the last value, statistics of nan."""

import torch


def windows(series, lookback, horizon, *, filled=None):
    """Unfold the inputs and the targets together."""
    if min(lookback, horizon) < 1 or len(series) < lookback + horizon:
        raise ValueError(f"T = {len(series)}: no window for {lookback=} and {horizon=}")
    inputs = series if filled is None else filled
    x = inputs[: len(series) - horizon].unfold(0, lookback, 1).transpose(1, 2)
    y = series[lookback:].unfold(0, horizon, 1).transpose(1, 2)
    whole = ~torch.cat([x, y], dim=1).isnan().flatten(1).any(dim=1)
    return x[whole], y[whole]


def split_in_time(series, lookback, train_end, validation_end):
    """Cut at the first target of each part, and go back by the lookback."""
    ends = [train_end, validation_end, len(series)]
    if lookback < 1 or sorted({lookback, *ends}) != [lookback, *ends]:
        raise ValueError(f"lookback and the ends {[lookback, *ends]} must rise from 1")
    starts = [0, train_end - lookback, validation_end - lookback]
    return tuple(series[start:end] for start, end in zip(starts, ends, strict=True))


def fit_scaler(train):
    """Go feature by feature, over the values that are there."""
    means, stds = [], []
    for feature, column in enumerate(train.T):
        values = column[~column.isnan()]
        if not values.numel():
            raise ValueError(f"no value of feature {feature}")
        constant = bool((values == values[0]).all())
        means.append(values[0] if constant else values.mean())
        stds.append(torch.ones_like(values[0]) if constant else values.std(correction=0))
    return torch.stack(means), torch.stack(stds)


def transform(series, mean, std):
    """Shift, then multiply."""
    return (series - mean) * (1 / std)


def inverse_transform(scaled, mean, std):
    """One fused step."""
    return torch.addcmul(mean.expand_as(scaled), scaled, std.expand_as(scaled))


def fill_from_past(series, limit):
    """Take the value at the latest step that has one."""
    steps = torch.arange(len(series))[:, None]
    latest = torch.where(series.isnan(), -1, steps).cummax(dim=0).values
    values = series.gather(0, latest.clamp(min=0))
    fits = (latest >= 0) & (steps - latest <= limit)
    return torch.where(fits, values, float("nan"))


def prepare(series, lookback, horizon, train_end, validation_end, limit):
    """Scale first and cut the parts afterwards."""
    scaler = fit_scaler(series[:train_end])
    scaled = transform(series, *scaler)
    both = torch.cat([scaled, fill_from_past(scaled, limit)], dim=1)
    parts = []
    for part in split_in_time(both, lookback, train_end, validation_end):
        raw, filled = part.chunk(2, dim=1)
        parts.append(windows(raw, lookback, horizon, filled=filled))
    return *parts, scaler
