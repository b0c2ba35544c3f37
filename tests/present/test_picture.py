"""Figures of a verdict, as text and as SVG."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.errors import UsageError
from grader.present.picture import text_plot, write_svg

LINE = [(0, 1.0), (10, 1.0), (20, 0.0)]


def figure(*lines: tuple[str, list], **more) -> dict:
    named = [{"label": name, "points": points} for name, points in lines]
    return {"title": "A title", "lines": named, "x": "step", "y": "loss", "log": False, **more}


def test_a_curve_is_where_it_should_be() -> None:
    title, *rows = text_plot(figure(("loss", LINE)), 40).splitlines()
    assert title == "A title (loss)"
    *values, legend = rows
    assert legend.strip() == "└ step 0 to 20   · loss"
    grid = [row.partition("│")[2] for row in values]
    assert grid[0].count("·") > 14, "half of the time it is at the top"
    assert grid[-1].index("·") > 25, "and at the bottom at the end"
    assert max(map(len, rows)) <= 40


def test_a_text_keeps_its_columns_and_nothing_that_acts() -> None:
    shown = {"title": "T", "text": "  LOC  1\r\n\tPER\x1b[2J"}
    assert text_plot(shown, 80).splitlines() == ["T", "  LOC  1", "        PER\\x1b[2J"]


@pytest.mark.parametrize("power", range(-9, 12))
def test_labels_of_a_logarithmic_axis_stand_below_each_other(power: int) -> None:
    line = [(0, 10.0**power), (9, 7.7 * 10.0 ** (power + 1))]
    rows = text_plot(figure(("loss", line), log=True), 80).splitlines()[1:-1]
    assert {row.index("│") for row in rows} == {6}


def test_a_legend_is_never_cut() -> None:
    names = [f"{word} of a curve" for word in ("first", "second", "third", "fourth", "fifth")]
    for width in (40, 80):
        rows = text_plot(figure(*((name, LINE) for name in names)), width).splitlines()
        assert all(any(name in row for row in rows) for name in names)
        assert max(map(len, rows)) <= width


def test_a_curve_of_its_own_range_leaves_the_rest_empty() -> None:
    rows = text_plot(figure(("long", LINE), ("short", [(10, 0.5), (20, 0.5)])), 80).splitlines()
    [row] = [row.partition("│")[2] for row in rows if "ooo" in row]
    assert row.index("o") == pytest.approx(31, abs=1)


def test_a_logarithmic_axis_has_powers() -> None:
    falling = [(n, 10.0**-n) for n in range(5)]
    rows = text_plot(figure(("loss", falling), log=True), 80).splitlines()[1:-1]
    labels = [float(row.partition("│")[0]) for row in rows]
    assert labels == pytest.approx([10 ** (-4 * n / 7) for n in range(8)], rel=0.15)
    columns = [row.partition("│")[2] for row in rows]
    assert all("·" in row for row in columns), "a straight line, through every row"


@pytest.mark.parametrize(
    "shown",
    [
        figure(),
        figure(("one point", [(0, 1.0)])),
        figure(("nothing", [])),
    ],
)
def test_what_cannot_be_drawn_is_left_out(shown: dict) -> None:
    assert text_plot(shown, 80) == ""


def test_zero_is_no_power_of_ten() -> None:
    rows = text_plot(figure(("loss", LINE), log=True), 80).splitlines()
    assert rows[1].startswith("  1.00│")
    assert rows[-2].startswith("  0.00│")


def test_texts_are_one_line() -> None:
    drawn = text_plot(figure(("a\nb\x1b[31m", LINE), title="t\r\n::error::x"), 80)
    assert len(drawn.splitlines()) == 10
    assert "\x1b" not in drawn


def test_a_text_is_shown_line_by_line() -> None:
    drawn = text_plot({"title": "A tune", "text": "GAB|\n\x1b[31mdBG|]\n"}, 80)
    title, *rows = drawn.splitlines()
    assert title == "A tune"
    assert rows[0] == "GAB|"
    assert "\x1b" not in drawn


def test_each_figure_is_a_file(tmp_path: Path) -> None:
    odd = figure(("$x_1$ <b>", LINE), title="$\\frac{", y="$")
    shown = [figure(("loss", LINE), ("gone", [])), {"title": "A tune", "text": "GAB"}, odd]
    paths = write_svg(shown, tmp_path / "new", "lstm_cell")
    assert [path.name for path in paths] == ["lstm_cell-1.svg", "lstm_cell-2.svg"]
    for path in paths:
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        curves = [one.get("id", "") for one in root.iter() if "line2d" in one.get("id", "")]
        assert curves


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_svg([figure(("loss", LINE))], tmp_path / "file", "x")


def test_no_nan_reaches_a_plot() -> None:
    assert not re.search("nan|inf", text_plot(figure(("a", LINE), ("b", [(5, 1), (6, 2)])), 80))
