"""One table of indices for all windows, NumPy for what counts, float64 within the scaler."""

import numpy as np
import torch


def windows(series, lookback, horizon, *, filled=None):
    """Index inputs and targets with a table of steps."""
    count = len(series) - lookback - horizon + 1
    if lookback <= 0 or horizon <= 0 or count <= 0:
        raise ValueError(
            f"{len(series)} steps are too few for a lookback of {lookback} "
            f"and a horizon of {horizon}, or one of these is no size"
        )
    steps = torch.arange(count)[:, None] + torch.arange(lookback + horizon)
    targets = series[steps[:, lookback:]]
    inputs = (filled if filled is not None else series)[steps[:, :lookback]]
    good = [n for n in range(count) if not (inputs[n].isnan().any() or targets[n].isnan().any())]
    return inputs[good], targets[good]


def split_in_time(series, lookback, train_end, validation_end):
    """Split, and put the end of each part before the next one."""
    total = len(series)
    if lookback < 1 or lookback >= train_end or not train_end < validation_end < total:
        raise ValueError(f"{lookback=} {train_end=} {validation_end=} T={total}")
    sizes = [train_end, validation_end - train_end, total - validation_end]
    train, validation, test = series.split(sizes)
    before_test = torch.cat([train, validation])[-lookback:]
    return train, torch.cat([train[-lookback:], validation]), torch.cat([before_test, test])


def fit_scaler(train):
    """Compute in float64 and round once."""
    values = train.detach().numpy().astype(np.float64)
    empty = np.flatnonzero(np.isnan(values).all(axis=0))
    if empty.size:
        raise ValueError(f"feature {empty[0]} is missing throughout")
    mean, std = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    constant = np.nanmax(values, axis=0) == np.nanmin(values, axis=0)
    mean[constant], std[constant] = np.nanmin(values, axis=0)[constant], 1.0
    return torch.from_numpy(mean).to(train.dtype), torch.from_numpy(std).to(train.dtype)


def transform(series, mean, std):
    """The textbook form."""
    return series.sub(mean).div(std)


def inverse_transform(scaled, mean, std):
    """The textbook form."""
    return scaled.mul(std).add(mean)


def fill_from_past(series, limit):
    """Carry on by one step, `limit` times."""
    filled = series
    for _ in range(min(limit, len(series) - 1)):
        before = torch.cat([torch.full_like(filled[:1], torch.nan), filled[:-1]])
        filled = torch.where(filled.isnan(), before, filled)
    return filled.clone()


def prepare(series, lookback, horizon, train_end, validation_end, limit):
    """Scale the windows, which have the features last too."""
    scaler = fit_scaler(series[:train_end])
    ends = (lookback, train_end, validation_end)
    parts = zip(
        split_in_time(series, *ends),
        split_in_time(fill_from_past(series, limit), *ends),
        strict=True,
    )
    cut = [windows(raw, lookback, horizon, filled=filled) for raw, filled in parts]
    train, validation, test = ([transform(half, *scaler) for half in pair] for pair in cut)
    return train, validation, test, scaler
