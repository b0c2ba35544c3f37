"""Forecasts that need no training, and the errors by which forecasts are compared."""

import torch


def last_value(past: torch.Tensor, horizon: int) -> torch.Tensor:
    """Forecast that everything stays as it is.

    Args:
        past: (N, T) N series of T >= 1 steps, float32 or float64.
        horizon: H >= 1, the steps to forecast.

    Returns:
        (N, H) the last value of each series at every step, in the dtype of past.

    Source: the naive method, Hyndman and Athanasopoulos (2021), section 5.2.
    """
    raise NotImplementedError


def seasonal_naive(past: torch.Tensor, horizon: int, season: int) -> torch.Tensor:
    """Forecast that the last season comes again.

    Args:
        past: (N, T) N series of T steps, float32 or float64.
        horizon: H >= 1, the steps to forecast; it can be longer than a season.
        season: m, the steps of a season, 1 <= m <= T.

    Returns:
        (N, H) at each step the last known value of the same phase, in the dtype of past.

    Raises:
        ValueError: season is below 1 or above T. The message holds both numbers.

    Source: Hyndman and Athanasopoulos (2021), section 5.2.
    """
    raise NotImplementedError


def drift(past: torch.Tensor, horizon: int) -> torch.Tensor:
    """Forecast that the series goes on as it went on average.

    Args:
        past: (N, T) N series of T >= 2 steps, float32 or float64.
        horizon: H >= 1, the steps to forecast.

    Returns:
        (N, H) the line through the first and the last value of each series, in the dtype of past.

    Raises:
        ValueError: T is below 2. The message holds T.

    Source: Hyndman and Athanasopoulos (2021), section 5.2.
    """
    raise NotImplementedError


def moving_average(past: torch.Tensor, horizon: int, window: int) -> torch.Tensor:
    """Forecast the mean of the last values.

    Args:
        past: (N, T) N series of T steps, float32 or float64.
        horizon: H >= 1, the steps to forecast.
        window: how many values the mean is taken of, 1 <= window <= T.

    Returns:
        (N, H) the same mean at every step, in the dtype of past.

    Raises:
        ValueError: window is below 1 or above T. The message holds both numbers.

    Source: the mean method of Hyndman and Athanasopoulos (2021), section 5.2, over a window.
    """
    raise NotImplementedError


def mae(forecast: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
    """Measure the mean absolute error.

    Args:
        forecast: (N, H) forecasts, float32 or float64.
        actual: (N, H) what came.

    Returns:
        () the mean over all series and steps, in the units of the series.

    Raises:
        ValueError: the shapes differ. The message holds both.

    Source: Hyndman and Koehler (2006), section 2.
    """
    raise NotImplementedError


def rmse(forecast: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
    """Measure the root of the mean squared error.

    Args:
        forecast: (N, H) forecasts, float32 or float64.
        actual: (N, H) what came.

    Returns:
        () the root of the mean over all series and steps, in the units of the series.

    Raises:
        ValueError: the shapes differ. The message holds both.

    Source: Hyndman and Koehler (2006), section 2.
    """
    raise NotImplementedError


def smape(forecast: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
    """Measure the symmetric mean absolute percentage error, from 0 to 200.

        200 · mean of |forecast - actual| / (|forecast| + |actual|)

    Args:
        forecast: (N, H) forecasts, float32 or float64.
        actual: (N, H) what came.

    Returns:
        () the mean over all series and steps, in percent. A step with forecast and actual 0 has
            the error 0.

    Raises:
        ValueError: the shapes differ. The message holds both.

    Source: Makridakis, Spiliotis and Assimakopoulos (2020), section 2.
    """
    raise NotImplementedError


def mase(
    forecast: torch.Tensor, actual: torch.Tensor, train: torch.Tensor, season: int
) -> torch.Tensor:
    """Measure the mean absolute error in units of the seasonal naive forecast's.

        scale = mean of |train[t] - train[t - season]|,  t = season, ..., T-1

    Args:
        forecast: (N, H) forecasts, float32 or float64.
        actual: (N, H) what came.
        train: (N, T) the series that came before.
        season: m, the steps of a season, 1 <= m < T; 1 where there is none.

    Returns:
        () the mean over all series and steps of |forecast - actual| / scale, where each series has
            the scale of its own training part.

    Raises:
        ValueError: forecast and actual have different shapes; season is below 1, or not below T;
            or the scale of a series is 0. The message holds both shapes, or season and T, or the
            position of the series, from 0.

    Source: Hyndman and Koehler (2006), section 3.
    """
    raise NotImplementedError
