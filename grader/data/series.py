"""Series to forecast: planted ones, made from a seed, and measured ones from files.

A missing value is nan. `Split` cuts a series into windows for training and for a test, as the kata
`forecasting/windows` teaches it.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from grader.data.files import read_file, unpacked
from grader.errors import DataError

MISSING = -200.0
"""What the air quality file writes where nothing was measured."""
MOST = 1e6
"""No sensor measures more: a larger number is a slip of the pen."""


def planted_series(
    steps: int,
    seed: int,
    *,
    lag: int,
    season: int,
    pull: float = 0.9,
    height: float = 1.0,
    level: float = 20.0,
    gaps: float = 0.02,
) -> Tensor:
    """Make a series in which it is known what can be known of the next step.

        y[t] = level + height · √2 · sin(2π (t / season + phase)) + u[t]
        u[t] = pull · u[t - lag] + √(1 - pull²) · noise,    noise standard normal

    The variance of u is 1, and that of the season is height².

    Args:
        steps: T, how many steps.
        seed: decides the phase, the noise and the gaps.
        lag: how far back the value lies that u repeats.
        season: the steps of a season.
        pull: how much of that value comes again, below 1.
        height: of the season.
        level: what all values lie around.
        gaps: the share of steps at which nothing was measured.

    Returns:
        (T,) float64, nan at the gaps.
    """
    generator = torch.Generator().manual_seed(seed)
    warm_up = 30 * lag
    noise = torch.randn(warm_up + steps, generator=generator, dtype=torch.float64).tolist()
    rest = math.sqrt(1 - pull**2)
    u = noise[:lag]
    for step in range(lag, len(noise)):
        u.append(pull * u[step - lag] + rest * noise[step])
    phase = torch.rand((), generator=generator, dtype=torch.float64)
    angle = 2 * math.pi * (torch.arange(steps, dtype=torch.float64) / season + phase)
    wave = height * math.sqrt(2) * torch.sin(angle)
    series = level + wave + torch.tensor(u[warm_up:], dtype=torch.float64)
    missing = torch.rand(steps, generator=generator) < gaps
    return series.masked_fill(missing, math.nan)


@dataclass(frozen=True)
class Windows:
    """Windows of a series: what a model sees, what is to be forecast, and how to scale back.

    Args:
        x: (N, L, 2) float32: the scaled value, 0 where it is missing; and 1 where it was measured,
            0 where it is missing.
        y: (N, H) float32, the scaled values to forecast, nan where nothing was measured.
        past: (N, L) float64, the values, with gaps filled from the past.
        actual: (N, H) float64, the values to forecast, nan where nothing was measured.
        level: (N, 1) float64, the mean of each window's measured past.
        spread: the standard deviation by which all windows are divided.
    """

    x: Tensor
    y: Tensor
    past: Tensor
    actual: Tensor
    level: Tensor
    spread: float

    def unscale(self, forecast: Tensor) -> Tensor:
        """Forecasts (N, H) of a model in the units of the series, float64."""
        return self.level + self.spread * forecast.double()


@dataclass(frozen=True)
class Split:
    """A series, and where it is cut.

    Args:
        series: (T,) float64, nan where missing.
        lookback: L, the steps that a model sees.
        horizon: H, the steps to forecast.
        season: the steps of a season, at most L.
        share: of the series that is for training; the test's targets come after it.
    """

    series: Tensor
    lookback: int
    horizon: int
    season: int
    share: float = 0.7

    @property
    def train_end(self) -> int:
        """The first step that is a target of the test."""
        return int(self.share * len(self.series))

    @property
    def train(self) -> Windows:
        """The windows whose targets lie before `train_end`."""
        return self._windows(self.series[: self.train_end])

    @property
    def test(self) -> Windows:
        """The windows whose targets begin at `train_end` or later."""
        return self._windows(self.series[self.train_end - self.lookback :])

    @property
    def scale(self) -> float:
        """MASE's denominator: the seasonal naive forecast's mean error in the training part."""
        train = self.series[: self.train_end]
        return float((train[self.season :] - train[: -self.season]).abs().nanmean())

    def _windows(self, series: Tensor) -> Windows:
        """Cut windows; one whose past or target has no value at all is left out."""
        train = self.series[: self.train_end]
        spread = float(train[~train.isnan()].std(correction=0)) or 1.0
        size = self.lookback + self.horizon
        cut = series.unfold(0, size, 1)
        filled = _fill_from_past(series).unfold(0, size, 1)[:, : self.lookback]
        past, actual = cut[:, : self.lookback], cut[:, self.lookback :]
        there = ~past.isnan().all(1) & ~actual.isnan().all(1) & ~filled.isnan().any(1)
        past, actual, filled = past[there], actual[there], filled[there]
        level = past.nanmean(dim=1, keepdim=True)
        measured = ~past.isnan()
        value = torch.where(measured, (past - level) / spread, 0.0)
        x = torch.stack([value, measured.to(value.dtype)], dim=2)
        y = (actual - level) / spread
        return Windows(x.float(), y.float(), filled, actual, level, spread)


def _fill_from_past(series: Tensor) -> Tensor:
    """Each missing value replaced by the last one before it; nan before the first."""
    there = ~series.isnan()
    steps = torch.where(there, torch.arange(len(series)), 0)
    return series[steps.cummax(dim=0).values]


FILES = ("AirQualityUCI.csv", "AirQualityUCI.csv.gz", "co2.csv")
"""What is looked for in a folder."""


class Rhythm(NamedTuple):
    """How a series was measured.

    Args:
        unit: what lies between two values.
        season: how many of these go by until a value is likely to come again.
    """

    unit: str
    season: int


HOURLY = Rhythm("hour", 24)
RHYTHMS = {
    timedelta(days=1): Rhythm("day", 7),
    timedelta(days=7): Rhythm("week", 52),
}
LEAST_SEASONS = 8


class Measured(NamedTuple):
    """A measured series: (T,) float64, nan where nothing was measured; and its rhythm."""

    series: Tensor
    rhythm: Rhythm

    def __len__(self) -> int:
        """T."""
        return len(self.series)

    @property
    def split(self) -> Split:
        """Cut for training and for a test: two seasons are seen, and half of one is to come."""
        season = self.rhythm.season
        return Split(self.series, 2 * season, max(1, season // 2), season)


def read_measured(path: Path, column: str = "T") -> Measured:
    """Read a measured series: the UCI air quality file, or two columns, a day and a value.

    Args:
        path: the file, or a folder that holds one of `FILES`.
        column: of the air quality file; see `read_air_quality`.

    Raises:
        DataError: the file is broken: with the line where there is one.
    """
    path = _file_in(path)
    lines = _text_of(path).splitlines()
    if lines and len(re.split("[;,]", lines[0])) == 2:
        return _dated(path, lines)
    return Measured(_hours(path, lines, column), HOURLY)


def _dated(path: Path, lines: list[str]) -> Measured:
    """A header and lines of a day and a value, as of the CO2 in statsmodels' datasets.

    A day is written as 19580329 or 1958-03-29. The next one follows after a day or after a week. A
    value that was not measured is left empty.

    Raises:
        DataError: the file is broken: with the line where there is one.
    """
    separator = ";" if ";" in lines[0] else ","
    days: list[date] = []
    values: list[float] = []
    step: timedelta | None = None
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip().strip('"') for cell in line.split(separator)]
        if len(cells) != 2:
            raise DataError(path, f"{len(cells)} columns, expected a day and a value", line=number)
        day = _day(path, number, cells[0])
        if days:
            step = step or day - days[-1]
            known = RHYTHMS.get(step)
            if known is None or day - days[-1] != step:
                raise DataError(
                    path,
                    f"{day} follows on {days[-1]}; expected "
                    f"{f'the next {known.unit}' if known else 'the next day or week'}",
                    line=number,
                    advice="Leave the value empty where there is none.",
                )
        days.append(day)
        value = math.nan
        if cells[1]:
            decimal_comma = separator == ";"
            value = _number(path, number, cells[1], "the value", decimal_comma=decimal_comma)
        values.append(value)
    if step is None:
        raise DataError(path, f"{len(values)} values; expected a header and a line for each")
    rhythm = RHYTHMS[step]
    least = LEAST_SEASONS * rhythm.season
    if len(values) < least:
        raise DataError(path, f"{len(values)} {rhythm.unit}s; expected {least} at least")
    series = torch.tensor(values, dtype=torch.float64)
    if bool(series.isnan().all()):
        raise DataError(path, "no line has a value")
    return Measured(series, rhythm)


def _day(path: Path, line: int, text: str) -> date:
    numbers = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", text)
    if numbers:
        try:
            return date(*map(int, numbers.groups()))
        except ValueError:
            pass
    raise DataError(path, f"{text!r} is no day; expected one like 1958-03-29", line=line)


def read_air_quality(path: Path, column: str = "T") -> Tensor:
    """Read one column of the UCI air quality file, one value for each hour.

    Both forms are read: separated by semicolons with decimal commas, as UCI hands it out, and by
    commas with decimal points; packed with gzip or not. The names `CO(GT)` and `CO_GT` are the
    same column.

    Args:
        path: the file, or the folder that holds AirQualityUCI.csv or AirQualityUCI.csv.gz.
        column: which column: "T" is the temperature in °C.

    Returns:
        (T,) float64, nan where the file has -200.

    Raises:
        DataError: the file is broken, or another one: with the line where there is one.

    Source: De Vito, Massera, Piga, Martinotto and Di Francia (2008); UCI Machine Learning
        Repository, Air Quality.
    """
    path = _file_in(path)
    return _hours(path, _text_of(path).splitlines(), column)


def _hours(path: Path, lines: list[str], column: str) -> Tensor:
    """What `read_air_quality` gives, of the lines of the file."""
    if not lines:
        raise DataError(path, "the file is empty; expected a header and a line for each hour")
    separator = ";" if ";" in lines[0] else ","
    names = [_plain_name(name) for name in lines[0].split(separator)]
    wanted = _plain_name(column)
    for name in ("Date", "Time", wanted):
        if name not in names:
            known = ", ".join(name for name in names if name)[:200]
            raise DataError(
                path,
                f"there is no column {name}; the header has {known}",
                line=1,
                advice="Give AirQualityUCI.csv of the UCI Machine Learning Repository.",
            )
    values: list[float] = []
    hour: datetime | None = None
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split(separator)
        if not any(cell.strip() for cell in cells):
            continue  # UCI's file ends with lines of separators
        if len(cells) != len(names):
            raise DataError(
                path, f"{len(cells)} columns, expected {len(names)} as in the header", line=number
            )
        at = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        then = _hour(path, number, at["Date"], at["Time"])
        if hour is not None and then - hour != timedelta(hours=1):
            raise DataError(
                path,
                f"{then:%d/%m/%Y %H:%M} follows on {hour:%d/%m/%Y %H:%M}; expected the next hour",
                line=number,
                advice="Write an hour without a value as a line with -200.",
            )
        hour = then
        value = _number(path, number, at[wanted], wanted, decimal_comma=separator == ";")
        values.append(math.nan if value == MISSING else value)
    if len(values) < 24:
        raise DataError(path, f"{len(values)} hours; expected a whole day at least")
    series = torch.tensor(values, dtype=torch.float64)
    if bool(series.isnan().all()):
        raise DataError(path, f"the column {wanted} has no value but {MISSING:.0f}")
    return series


def _file_in(path: Path) -> Path:
    """The file that a path means."""
    if not path.is_dir():
        return path
    for name in FILES:
        if (path / name).is_file():
            return path / name
    raise DataError(path, f"no {', no '.join(FILES[:-1])} and no {FILES[-1]} is in this folder")


def _text_of(path: Path) -> str:
    data = unpacked(path, read_file(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(path, "this line is not UTF-8", line=line) from error


def _plain_name(name: str) -> str:
    """`CO(GT)` and `CO_GT` alike."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name.strip()).strip("_")


def _hour(path: Path, line: int, date: str, time: str) -> datetime:
    numbers = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2})[.:]00[.:]00", f"{date} {time}")
    if numbers:
        day, month, year, hour = (int(number) for number in numbers.groups())
        try:
            return datetime(year, month, day, hour)
        except ValueError:
            pass
    raise DataError(
        path, f"{date} {time} is no hour; expected a day/month/year and a whole hour", line=line
    )


def _number(path: Path, line: int, text: str, name: str, *, decimal_comma: bool) -> float:
    plain = text.replace(",", ".") if decimal_comma else text
    if not re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", plain):
        raise DataError(path, f"{name} is {text!r}, expected a number", line=line)
    value = float(plain)
    if abs(value) > MOST:
        raise DataError(path, f"{name} is {text!r}, expected one up to {MOST:,.0f}", line=line)
    return value
