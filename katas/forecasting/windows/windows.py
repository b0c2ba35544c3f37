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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
