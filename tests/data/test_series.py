"""`grader.data.series`: what is planted can be found, and files in both forms, whole and broken."""

import gzip
import math
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import torch

from grader.data.series import Split, planted_series, read_air_quality
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
