"""Turn a series into examples for a forecaster, without a look into the future."""

import torch


def windows(
    series: torch.Tensor,
    lookback: int,
    horizon: int,
    *,
    filled: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut a series into inputs and the targets that follow them.

    Window s takes the steps s ... s + lookback - 1 as its input and the `horizon` steps after them
    as its target. There is a window for each s at which both fit, in order; those that hold a
    missing value are left out.

    Args:
        series: (T, F) values of F features at T steps, float32 or float64, nan where missing.
        lookback: L >= 1, the steps of an input.
        horizon: H >= 1, the steps of a target.
        filled: (T, F) the same series with gaps filled, or None. If it is given, inputs are cut
            from it. Targets are cut from `series` in any case.

    Returns:
        x: (N, L, F) the inputs, in the dtype of the series. N can be 0.
        y: (N, H, F) the targets, in the dtype of the series.

    Raises:
        ValueError: lookback or horizon is below 1, or no window fits: T < L + H. The message holds
            T, lookback and horizon.

    Source: Hyndman and Athanasopoulos (2021), section 5.10, for the order in time.
    """
    steps = len(series)
    if lookback < 1 or horizon < 1 or steps < lookback + horizon:
        raise ValueError(f"T = {steps}: no window with lookback {lookback} and horizon {horizon}")
    inputs = series if filled is None else filled
    starts = range(steps - lookback - horizon + 1)
    x = torch.stack([inputs[s : s + lookback] for s in starts])
    y = torch.stack([series[s + lookback : s + lookback + horizon] for s in starts])
    missing = x.isnan().any(dim=(1, 2)) | y.isnan().any(dim=(1, 2))
    return x[~missing], y[~missing]


def split_in_time(
    series: torch.Tensor, lookback: int, train_end: int, validation_end: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Split a series into three parts that windows are cut from, one after the other in time.

    The targets of the first part are steps before `train_end`, those of the second part begin with
    step `train_end`, and those of the third part with step `validation_end`. The inputs of the
    first targets of a part lie before them, so a part begins earlier than its targets.

    Args:
        series: (T, F) values of F features at T steps, float32 or float64, nan where missing.
        lookback: L >= 1, the steps of an input.
        train_end: the first step that is no target of the training.
        validation_end: the first step that is no target of the validation.

    Returns:
        train: (train_end, F)
        validation: (L + validation_end - train_end, F)
        test: (L + T - validation_end, F)

    Raises:
        ValueError: 1 <= lookback < train_end < validation_end < T does not hold. The message holds
            lookback, train_end, validation_end and T.

    Source: Hyndman and Athanasopoulos (2021), section 5.8.
    """
    steps = len(series)
    if not 1 <= lookback < train_end < validation_end < steps:
        raise ValueError(
            f"expected 1 <= lookback < train_end < validation_end < T, got lookback {lookback}, "
            f"train_end {train_end}, validation_end {validation_end}, T {steps}"
        )
    return (
        series[:train_end],
        series[train_end - lookback : validation_end],
        series[validation_end - lookback :],
    )


def fit_scaler(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Measure the mean and the standard deviation of each feature.

        mean = Σ x / n        std = sqrt(Σ (x - mean)² / n)

    Both are taken over the n steps at which the feature is there. The std of a feature with one
    value throughout is 1.

    Args:
        train: (T, F) the training part, float32 or float64, nan where missing.

    Returns:
        mean: (F,) in the dtype of train.
        std: (F,) in the dtype of train, above 0.

    Raises:
        ValueError: a feature has no value at all. The message holds its position, from 0.

    Source: LeCun, Bottou, Orr and Müller (1998), section 4.3.
    """
    there = ~train.isnan()
    for feature, seen in enumerate(there.any(dim=0).tolist()):
        if not seen:
            raise ValueError(f"feature {feature} has no value in the training part")
    count = there.sum(dim=0)
    mean = torch.where(there, train, 0.0).sum(dim=0) / count
    # The mean of equal values is a rounding off them: the sum of squares does not show them.
    infinity = float("inf")
    low = torch.where(there, train, infinity).amin(dim=0)
    high = torch.where(there, train, -infinity).amax(dim=0)
    squares = torch.where(there, train - mean, 0.0) ** 2
    std = (squares.sum(dim=0) / count).sqrt()
    return torch.where(low == high, low, mean), torch.where(low == high, 1.0, std)


def transform(series: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Scale each feature.

    Args:
        series: (..., F) values, float32 or float64, nan where missing: a series, or windows.
        mean: (F,) what `fit_scaler` gave.
        std: (F,) what `fit_scaler` gave.

    Returns:
        (..., F) the scaled values, nan where the series has nan. Gradients reach the series.

    Source: LeCun, Bottou, Orr and Müller (1998), section 4.3.
    """
    return (series - mean) / std


def inverse_transform(scaled: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Undo `transform`.

    Args:
        scaled: (..., F) scaled values, float32 or float64: a series, or the forecasts of a model.
        mean: (F,) what `fit_scaler` gave.
        std: (F,) what `fit_scaler` gave.

    Returns:
        (..., F) the values in the units of the series. Gradients reach `scaled`.

    Source: LeCun, Bottou, Orr and Müller (1998), section 4.3.
    """
    return scaled * std + mean


def fill_from_past(series: torch.Tensor, limit: int) -> torch.Tensor:
    """Fill gaps with the last value that was measured before.

    Args:
        series: (T, F) values of F features at T steps, float32 or float64, nan where missing.
        limit: how many steps a value can be carried on, at least 0.

    Returns:
        (T, F) the filled series in a new tensor. A step whose last measured value is more than
        `limit` steps old stays nan, and so does a step before the first value of its feature.

    Source: "last observation carried forward" of Moritz and Bartz-Beielstein (2017).
    """
    filled = series.clone()
    age = torch.zeros(series.shape[1], dtype=torch.int64)
    for step in range(1, len(series)):
        missing = series[step].isnan()
        age = torch.where(missing, age + 1, 0)
        filled[step] = torch.where(missing & (age <= limit), filled[step - 1], series[step])
    return filled


def prepare(
    series: torch.Tensor,
    lookback: int,
    horizon: int,
    train_end: int,
    validation_end: int,
    limit: int,
) -> tuple[
    tuple[torch.Tensor, torch.Tensor],
    tuple[torch.Tensor, torch.Tensor],
    tuple[torch.Tensor, torch.Tensor],
    tuple[torch.Tensor, torch.Tensor],
]:
    """Prepare a series for training: fill, split, scale, cut.

    Args:
        series: (T, F) values of F features at T steps, float32 or float64, nan where missing.
        lookback: L, the steps of an input.
        horizon: H, the steps of a target.
        train_end: the first step that is no target of the training.
        validation_end: the first step that is no target of the validation.
        limit: how many steps a value can be carried on in an input.

    Returns:
        train: (x, y), the scaled windows of the training part.
        validation: (x, y), the scaled windows of the validation part.
        test: (x, y), the scaled windows of the test part.
        scaler: (mean, std), measured on the values of the training part, without the filled ones.

    Raises:
        ValueError: as the other functions.

    Source: Kaufman, Rosset, Perlich and Stitelman (2012), for what leaks and how.
    """
    pieces = split_in_time(series, lookback, train_end, validation_end)
    # Filling looks at the past alone, so it is done before the split: a part's first inputs may
    # lie in a gap that began before the part did.
    filled = split_in_time(fill_from_past(series, limit), lookback, train_end, validation_end)
    mean, std = fit_scaler(pieces[0])
    train, validation, test = (
        windows(transform(raw, mean, std), lookback, horizon, filled=transform(full, mean, std))
        for raw, full in zip(pieces, filled, strict=True)
    )
    return train, validation, test, (mean, std)
