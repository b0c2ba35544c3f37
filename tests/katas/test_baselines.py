"""`forecasting/baselines`: its worked example, its bounds, and real hours of air quality."""

import csv
import gzip
import re
from pathlib import Path

import numpy as np
import pytest
import torch

KATA = "forecasting/baselines"
DATA = Path(__file__).parents[3] / "shared" / "data"
NAMES = ("last value", "seasonal naive", "drift", "moving average")


def forecasts(answer, past, horizon: int, season: int, window: int) -> dict[str, torch.Tensor]:
    """Every baseline's forecast by its name."""
    return {
        "last value": answer.last_value(past, horizon),
        "seasonal naive": answer.seasonal_naive(past, horizon, season),
        "drift": answer.drift(past, horizon),
        "moving average": answer.moving_average(past, horizon, window),
    }


def numbers(readme: str, name: str) -> list[float]:
    """The numbers of a line of the worked example."""
    example = readme[readme.index("## A worked example") :]
    (line,) = re.findall(rf"^    {name}  +([-\d. ]+)$", example, re.MULTILINE)
    return [float(word) for word in line.split()]


def test_the_worked_example(answer, readme: str) -> None:
    past, actual = (
        torch.tensor([numbers(readme, name)], dtype=torch.float64) for name in ("past", "actual")
    )
    errors = {}
    for name, forecast in forecasts(answer, past, 4, 3, 2).items():
        written = numbers(readme, name)
        assert forecast[0].tolist() == pytest.approx(written[:4]), name
        got = [
            answer.mae(forecast, actual),
            answer.rmse(forecast, actual),
            answer.smape(forecast, actual),
            answer.mase(forecast, actual, past, 3),
        ]
        # Half a unit of the last digit: 1.125 may be written either way.
        assert [value.item() for value in got] == pytest.approx(written[4:], abs=0.00501), name
        errors[name] = [value.item() for value in got]
        assert answer.mase(forecast, actual, past, 1) < 1
    best = [min(NAMES, key=lambda name, k=k: errors[name][k]) for k in range(4)]
    assert best == ["seasonal naive", "seasonal naive", "last value", "seasonal naive"]
    ratio = answer.mae(actual, actual + 1) / answer.mase(actual, actual + 1, past, 1)
    assert f"At lag 1 it would be\n{ratio.item():.2f}" in readme


def test_a_naive_forecast_of_the_training_part_has_a_mase_of_1(answer) -> None:
    train = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 40)))
    for season in (1, 4, 7):
        error = answer.mase(train[:, :-season], train[:, season:], train, season)
        assert error.item() == pytest.approx(1.0, abs=1e-12)


def test_errors_equal_scikit_learn(answer) -> None:
    library = pytest.importorskip(
        "sklearn.metrics", reason="scikit-learn is not installed (extra `test`)"
    )
    forecast, actual = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 5, 12)))
    flat = actual.numpy().ravel(), forecast.numpy().ravel()
    mae, rmse = answer.mae(forecast, actual), answer.rmse(forecast, actual)
    assert mae.item() == pytest.approx(library.mean_absolute_error(*flat), rel=1e-12)
    assert rmse.item() ** 2 == pytest.approx(library.mean_squared_error(*flat), rel=1e-12)


def test_bounds_of_smape(answer) -> None:
    one = torch.tensor([[3.0, -2.0, 0.0, 5.0]])
    assert answer.smape(one, one).item() == 0.0
    assert answer.smape(-one[:, :2], one[:, :2]).item() == pytest.approx(200.0)
    assert answer.smape(torch.zeros(1, 2), one[:, :2]).item() == pytest.approx(200.0)


def test_real_hours_have_a_season(answer) -> None:
    """A day ahead, yesterday's temperatures forecast better than the last one does."""
    path = DATA / "air_quality" / "AirQualityUCI.csv.gz"
    if not path.is_file():
        pytest.skip(f"the UCI air quality data are not at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        degrees = [float(row["T"]) for row in csv.DictReader(lines)]
    weeks = torch.tensor(degrees[: len(degrees) // 168 * 168], dtype=torch.float64).reshape(-1, 168)
    weeks = weeks[(weeks != -200).all(dim=1)]
    assert len(weeks) > 20
    past, actual = weeks[:, :144], weeks[:, 144:]
    scores = {
        name: answer.mase(forecast, actual, past, 24).item()
        for name, forecast in forecasts(answer, past, 24, 24, 24).items()
    }
    assert scores["seasonal naive"] < min(scores["last value"], scores["drift"])
    assert 0.5 < scores["seasonal naive"] < 2
