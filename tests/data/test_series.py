"""`grader.data.series`: what is planted can be found, and files in both forms, whole and broken."""

import gzip
import math
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import torch

from grader.data.series import Split, planted_series, read_air_quality, read_measured
from grader.data.sets import find_set
from grader.errors import DataError

REAL = Path(__file__).parents[3] / "shared" / "data" / "air_quality"
HEADER = "Date;Time;CO(GT);T;;"


def hours(count: int, *, header: str = HEADER) -> list[str]:
    """The lines of a small file in UCI's own form."""
    first = datetime(2004, 3, 10, 18)
    lines = [header]
    for n in range(count):
        hour = first + timedelta(hours=n)
        lines.append(f"{hour:%d/%m/%Y};{hour:%H}.00.00;2,6;{n - 3},5;;")
    return [*lines, ";;;;;", ""]


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_lag_is_where_it_was_planted() -> None:
    series = planted_series(6000, 3, lag=15, season=12, gaps=0.0, height=0.0)
    assert series.mean().item() == pytest.approx(20.0, abs=0.4)
    assert series.std().item() == pytest.approx(1.0, abs=0.1)
    centred = series - series.mean()
    for lag, want in ((15, 0.9), (30, 0.81), (14, 0.0), (12, 0.0)):
        got = (centred[lag:] * centred[:-lag]).mean() / centred.square().mean()
        assert got.item() == pytest.approx(want, abs=0.1), lag


def test_the_season_and_the_gaps_are_there() -> None:
    series = planted_series(6000, 4, lag=1, season=12, height=2.0, gaps=0.05)
    assert series.isnan().double().mean().item() == pytest.approx(0.05, abs=0.01)
    means = series.reshape(-1, 12).nanmean(dim=0) - 20.0
    assert means.square().mean().item() == pytest.approx(4.0, abs=0.4)
    again = planted_series(6000, 4, lag=1, season=12, height=2.0, gaps=0.05)
    torch.testing.assert_close(series, again, rtol=0, atol=0, equal_nan=True)


def test_windows_are_cut_in_time_and_scaled_back() -> None:
    series = torch.arange(100, dtype=torch.float64)
    series[[20, 21, 90]] = math.nan
    split = Split(series, 5, 2, 3)
    train, test = split.train, split.test
    assert (train.actual.nan_to_num().max(), test.actual[0, 0]) == (69, 70)
    assert train.x[15, :, 1].tolist() == [1, 1, 1, 1, 0]
    assert train.past[15].tolist() == [16, 17, 18, 19, 19]
    assert train.x[15, 4, 0] == 0
    assert split.scale == 3
    torch.testing.assert_close(test.unscale(test.y), test.actual, rtol=0, atol=1e-4, equal_nan=True)
    measured = test.x[..., 1] == 1
    back = test.unscale(test.x[..., 0])
    torch.testing.assert_close(back[measured], test.past[measured], rtol=0, atol=1e-4)
    changed = series.clone()
    changed[70:] += 50
    torch.testing.assert_close(Split(changed, 5, 2, 3).train.x, train.x, rtol=0, atol=0)


def test_both_forms_give_the_same(tmp_path: Path) -> None:
    lines = hours(30)
    lines[3] = lines[3].replace("-1,5", "-200")
    semicolons = written(tmp_path / "AirQualityUCI.csv", lines)
    series = read_air_quality(tmp_path)
    assert len(series) == 30
    assert series[:4].isnan().tolist() == [False, False, True, False]
    assert series[3] == 0.5
    commas = [line.replace(",", ".").replace(";", ",") for line in lines]
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + "\r\n".join(commas).encode()))
    for path, column in ((packed, "T"), (semicolons, "CO_GT"), (packed, "CO(GT)")):
        other = read_air_quality(path, column)
        want = series if column == "T" else torch.full((30,), 2.6, dtype=torch.float64)
        torch.testing.assert_close(other, want, equal_nan=True)


@pytest.mark.parametrize(
    ("number", "line", "says"),
    [
        (1, "Date;Time;CO(GT);;;", "no column T; the header has Date, Time, CO_GT"),
        (5, "10/03/2004;21.00.00;2,6", "3 columns, expected 6"),
        (5, "10/03/2004;21.00.00;2,6;warm;;", "T is 'warm', expected a number"),
        (5, "10/03/2004;21.00.00;2,6;;;", "T is '', expected a number"),
        (5, "31/02/2004;21.00.00;2,6;1,5;;", "31/02/2004 21.00.00 is no hour"),
        (5, "10/03/2004;21.30.00;2,6;1,5;;", "10/03/2004 21.30.00 is no hour"),
        (5, "10/03/2004;22.00.00;2,6;1,5;;", "expected the next hour"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, number: int, line: str, says: str) -> None:
    lines = hours(30)
    lines[number - 1] = line
    path = written(tmp_path / "broken.csv", lines)
    with pytest.raises(DataError) as raised:
        read_air_quality(path)
    assert raised.value.message.startswith(f"{path}:{number}: ")
    assert says in raised.value.message


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    whole = "\n".join(hours(30)).encode()
    day = "\n".join(hours(23)).encode()
    gone = whole.replace(b"-1,5", b"-1,5\xff")
    for content, says in (
        (b"", "the file is empty"),
        (day, "23 hours; expected a whole day"),
        (gzip.compress(whole)[:-20], "the gzip data are cut short or broken"),
        (gone, ":4: this line is not UTF-8"),
    ):
        path = tmp_path / "broken"
        path.write_bytes(content)
        with pytest.raises(DataError, match="broken") as raised:
            read_air_quality(path)
        assert says in raised.value.message
    for path, says in ((tmp_path, "no AirQualityUCI.csv"), (tmp_path / "no", "cannot be read")):
        with pytest.raises(DataError, match=says):
            read_air_quality(path)
    path.with_name("none.csv").write_text(
        "\n".join(
            line.rsplit(";", 3)[0] + ";-200;;" if n else line
            for n, line in enumerate(hours(30))
            if line.strip(";")
        )
    )
    with pytest.raises(DataError, match="no value but -200"):
        read_air_quality(path.with_name("none.csv"))


def test_the_real_hours() -> None:
    if not REAL.is_dir():
        pytest.skip(f"the UCI air quality data are not at {REAL}")
    degrees = read_air_quality(REAL)
    assert (len(degrees), int(degrees.isnan().sum())) == (9357, 366)
    assert degrees[0] == 13.6
    assert -5 < degrees.nan_to_num(0.0).min() < degrees.nan_to_num(0.0).max() < 50
    monoxide = read_air_quality(REAL, "CO(GT)")
    assert monoxide.nanmean().item() == pytest.approx(2.153, abs=0.001)
    split = Split(degrees, 48, 12, 24)
    assert 1 < split.scale < 5


def dated(count: int = 60, days: int = 1) -> list[str]:
    first = date(2001, 1, 1)
    times = (first + timedelta(days=days * n) for n in range(count))
    return ["date,value", *(f"{time:%Y%m%d},{n / 4}" for n, time in enumerate(times))]


@pytest.mark.parametrize("form", ["as it is", "dashes", "decimal commas", "quotes"])
@pytest.mark.parametrize(("days", "season", "sizes"), [(1, 7, (14, 3)), (7, 52, (104, 26))])
def test_a_series_of_a_day_and_a_value(
    tmp_path: Path, form: str, days: int, season: int, sizes: tuple[int, int]
) -> None:
    lines = dated(8 * season, days)
    lines[3] = lines[3].split(",")[0] + ","
    if form == "dashes":
        lines = [re.sub(r"^(\d{4})(\d\d)", r"\1-\2-", line) for line in lines]
    elif form == "decimal commas":
        lines = [line.replace(",", ";").replace(".", ",") for line in lines]
    elif form == "quotes":
        lines = [f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in lines]
    found = read_measured(written(tmp_path / "series.csv", [*lines, ""]))
    wanted = torch.arange(len(found), dtype=torch.float64) / 4
    wanted[2] = torch.nan
    torch.testing.assert_close(found.series, wanted, rtol=0, atol=0, equal_nan=True)
    split = found.split
    assert (split.lookback, split.horizon, split.season) == (*sizes, season)
    assert len(split.train.actual) > 0
    assert len(split.test.actual) > 0


def test_hours_have_a_rhythm_too(tmp_path: Path) -> None:
    found = read_measured(written(tmp_path / "AirQualityUCI.csv", hours(30)).parent)
    assert (found.split.lookback, found.split.horizon, found.split.season) == (48, 12, 24)
    assert len(found) == 30


@pytest.mark.parametrize(
    ("number", "line", "says"),
    [
        (5, "20010104,1,2", "3 columns, expected a day and a value"),
        (5, "20010104,warm", "the value is 'warm', expected a number"),
        (5, "20010132,1", "'20010132' is no day"),
        (5, "4 Jan,1", "'4 Jan' is no day"),
        (5, "20010105,1", "2001-01-05 follows on 2001-01-03; expected the next day"),
        (5, "20010103,1", "2001-01-03 follows on 2001-01-03; expected the next day"),
        (5, "2001,1", "'2001' is no day"),
        (3, "20010104,1", "2001-01-04 follows on 2001-01-01; expected the next day or week"),
    ],
)
def test_a_broken_line_of_a_series_is_named(
    tmp_path: Path, number: int, line: str, says: str
) -> None:
    lines = dated()
    lines[number - 1] = line
    path = written(tmp_path / "broken.csv", lines)
    with pytest.raises(DataError) as raised:
        read_measured(path)
    assert raised.value.message.startswith(f"{path}:{number}: ")
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["date,value"], "0 values; expected a header and a line for each"),
        (dated(1), "1 values; expected a header and a line for each"),
        (dated(55), "55 days; expected 56 at least"),
        (
            [re.sub(",.*", ",", line) if n else line for n, line in enumerate(dated())],
            "no line has",
        ),
    ],
)
def test_a_series_that_is_too_short_is_told(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_measured(written(tmp_path / "short.csv", lines))


def test_the_co2_of_statsmodels() -> None:
    folder = find_set("co2").installed
    if folder is None:
        pytest.skip("statsmodels is not installed")
    found = read_measured(folder)
    assert found.rhythm.unit == "week"
    assert len(found) == 2284
    assert int(found.series.isnan().sum()) == 59
