"""`forecasting/windows`: its worked example, other libraries, and real hours of air quality."""

import csv
import gzip
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch

KATA = "forecasting/windows"
NAN = math.nan
DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def air() -> torch.Tensor:
    """Carbon monoxide and temperature by the hour, (9357, 2) float64, -200 where missing."""
    path = DATA / "air_quality" / "AirQualityUCI.csv.gz"
    if not path.is_file():
        pytest.skip(f"the UCI air quality data are not at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [[float(row["CO_GT"]), float(row["T"])] for row in csv.DictReader(lines)]
    return torch.tensor(rows, dtype=torch.float64)


def rows_of(readme: str) -> dict[str, list[float]]:
    """The lines of the worked example's series."""
    example = readme[readme.index("## A worked example") :]
    rows = {}
    for name in ("step", "series", "filled"):
        (line,) = re.findall(rf"^    {name} +([\d nan|]+)$", example, re.MULTILINE)
        rows[name] = [float(word) for word in line.replace("|", " ").split()]
    return rows


def test_the_worked_example(answer, readme: str) -> None:
    rows = rows_of(readme)
    assert rows["step"] == list(range(9))
    series = torch.tensor(rows["series"], dtype=torch.float64)[:, None]
    filled = answer.fill_from_past(series, 1)
    assert filled[:, 0].tolist() == rows["filled"]

    *parts, (mean, std) = answer.prepare(series, 2, 1, 5, 7, 1)
    assert f"mean = {mean.item():g}, std = {std.item():g}. The 10" in readme
    table = re.findall(
        r"^    (train|validation|test) +\d \d -> (\d) +(-?\d+) +(-?\d+) +(-?\d+)( |$)",
        readme,
        re.MULTILINE,
    )
    want = {name: [] for name in ("train", "validation", "test")}
    for name, _, *numbers, _ in table:
        want[name].append([float(number) for number in numbers])
    for name, (x, y) in zip(want, parts, strict=True):
        got = torch.cat([x, y], dim=1)[:, :, 0]
        np.testing.assert_allclose(got.numpy(), want[name], atol=1e-12, err_msg=name)
    left_out = re.findall(r"-> (\d) .*left out", readme)
    targets = [int(step) for _, step, *_ in table]
    assert sorted(targets) == [3, 4, 5, 6, 7, 8]
    assert left_out == ["2"]

    mean, std = answer.fit_scaler(series)
    assert f"has mean {mean.item():.2f} and\nstd {std.item():.2f}" in readme
    low, high = ((value - mean.item()) / std.item() for value in (6, 10))
    assert f"are then {low:.2f} and {high:.2f}" in readme


def test_windows_equal_numpy(answer) -> None:
    series = torch.from_numpy(np.random.default_rng(0).normal(size=(40, 3)))
    for lookback, horizon in ((1, 1), (7, 3), (30, 10)):
        x, y = answer.windows(series, lookback, horizon)
        both = np.lib.stride_tricks.sliding_window_view(series.numpy(), lookback + horizon, axis=0)
        both = both.transpose(0, 2, 1)
        np.testing.assert_array_equal(x.numpy(), both[:, :lookback])
        np.testing.assert_array_equal(y.numpy(), both[:, lookback:])


def test_the_scaler_equals_scikit_learn(answer) -> None:
    library = pytest.importorskip(
        "sklearn.preprocessing", reason="scikit-learn is not installed (extra `test`)"
    )
    values = np.random.default_rng(1).normal(size=(60, 4)) * [1, 20, 0.1, 1] + [0, 500, -3, 0]
    values[np.random.default_rng(2).random(values.shape) < 0.2] = NAN
    values[:, 3] = 7.0
    scaler = library.StandardScaler().fit(values)
    series = torch.from_numpy(values)
    mean, std = answer.fit_scaler(series)
    np.testing.assert_allclose(mean.numpy(), scaler.mean_, rtol=1e-12)
    np.testing.assert_allclose(std.numpy(), scaler.scale_, rtol=1e-12)
    scaled = answer.transform(series, mean, std)
    np.testing.assert_allclose(scaled.numpy(), scaler.transform(values), rtol=1e-9, atol=1e-9)


def test_real_hours(answer, air: torch.Tensor) -> None:
    """No window of real data has a gap, and every one of its values was measured at its hour."""
    series = torch.where(air == -200, NAN, air)
    # What the series is made of says which hour a value belongs to.
    hours = torch.arange(len(series), dtype=torch.float64)[:, None]
    series = torch.cat([series, hours], dim=1)
    filled = answer.fill_from_past(series, 2)
    plain, _ = answer.windows(series, 24, 6)
    x, y = answer.windows(series, 24, 6, filled=filled)
    assert len(x) > 1.5 * len(plain) > 0
    assert not x.isnan().any()
    assert not y.isnan().any()
    torch.testing.assert_close(x[:, -1, 2] + 1, y[:, 0, 2], rtol=0, atol=0)
    measured = series[y[:, :, 2].long()]
    torch.testing.assert_close(y, measured, rtol=0, atol=0)


def test_the_future_of_real_hours_changes_nothing(answer, air: torch.Tensor) -> None:
    series = torch.where(air == -200, NAN, air)[:2000]
    other = series.clone()
    other[1200:, :] = torch.arange(800.0, dtype=torch.float64)[:, None]
    one, two = (answer.prepare(s, 24, 6, 1200, 1600, 2) for s in (series, other))
    for left, right in ((one[0], two[0]), (one[3], two[3])):
        for a, b in zip(left, right, strict=True):
            assert len(a)
            torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_what_the_task_says_of_air_quality(air: torch.Tensor, readme: str) -> None:
    monoxide = air[:, 0]
    missing = monoxide == -200
    assert f"{round(100 * missing.double().mean().item())}% of its carbon monoxide" in readme
    with_them, without = monoxide.mean().item(), monoxide[~missing].mean().item()
    assert f"is {with_them:.1f} if you\nforget it, and {without:.1f} if" in readme
