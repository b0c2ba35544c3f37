"""Plots in plain text: small enough for a failure message, readable in any terminal.

A check that judges a *trace* (a memory cell over 1,000 steps, say) shows where it goes wrong::

      1.00│oooooooooooooooo················
      0.75│
      0.50│                oooooooooooooooo
       cue│                ^
          └ steps 1 to 32   · wanted   o got

Pure Python, no dependency, no state.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

GLYPHS = "·o+x#@"
SHADES = " .:-=+*#%@"
LABEL_WIDTH = 6
MAX_COLUMNS_PER_STEP = 4
MIN_LEGEND = 30
"""So wide is a line of the legend at least."""
HUGE = 1e99  # values beyond are drawn at the edge: a label has no room for three digits of exponent


def plot(
    series: Mapping[str, Sequence[float]],
    *,
    width: int = 63,
    height: int = 8,
    marks: Mapping[str, Collection[int]] | None = None,
    span: str = "",
    log: bool = False,
) -> str:
    """Draw some series of equal length over one time axis, as lines of text.

    Longer series are squeezed: a column then shows every level that its steps visit, so that no
    spike is lost. Later series are drawn over earlier ones. Infinities sit at the edge, NaN is
    left out.

    Args:
        series: the values at steps 1, 2, ..., T by name; T >= 1. Each gets the next of `GLYPHS`.
        width: columns for the steps; the labels take `LABEL_WIDTH + 1` more.
        height: lines for the values. Each of `marks` takes one more line, and the legend one.
        marks: 0-based steps to point at, by name (`{"cue": [3, 17]}`).
        span: what the horizontal axis is; "steps 1 to T" by default.
        log: whether the vertical axis is logarithmic; all values are above 0.

    Returns:
        `height + len(marks) + 1` lines, none longer than `width + LABEL_WIDTH + 1` unless the
        legend is.

    Raises:
        ValueError: no series, an empty one, unequal lengths, more series than glyphs, or no room.
    """
    marks = marks or {}
    lengths = {len(values) for values in series.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"series must be of one length >= 1, got lengths {sorted(lengths)}")
    if len(series) > len(GLYPHS):
        raise ValueError(f"at most {len(GLYPHS)} series, got {len(series)}")
    if width < 1 or height < 2:
        raise ValueError(f"width >= 1 and height >= 2 are needed, got {width} and {height}")

    steps = lengths.pop()
    columns = _steps_by_column(steps, width)
    if log:
        series = {name: list(map(_log10, values)) for name, values in series.items()}
    low, high = _range(series)
    rows = [[" "] * len(columns) for _ in range(height)]
    for glyph, values in zip(GLYPHS, series.values(), strict=False):
        for column, visited in enumerate(columns):
            levels = [_level(values[t], low, high, height) for t in visited]
            for level in levels:
                if level is not None:
                    rows[level][column] = glyph

    lines = []
    for index, row in enumerate(rows):
        value = high - (high - low) * index / (height - 1)
        label = _power(value) if log else _number(value, decimals=2 if high - low >= 0.1 else 3)
        lines.append(f"{label:>{LABEL_WIDTH}}│{''.join(row)}".rstrip())
    for name, where in marks.items():
        pointed = set(where)
        row = ["^" if pointed.intersection(visited) else " " for visited in columns]
        lines.append(f"{name[:LABEL_WIDTH]:>{LABEL_WIDTH}}│{''.join(row)}".rstrip())
    legend = [f"{glyph} {name}" for glyph, name in zip(GLYPHS, series, strict=False)]
    span = span or ("step 1" if steps == 1 else f"steps 1 to {steps}")
    return "\n".join([*lines, *_legend(span, legend, max(width - 1, MIN_LEGEND))])


def _legend(span: str, entries: Sequence[str], width: int) -> list[str]:
    """The lines below the axis: its span, then the entries, as many in a line as fit."""
    rows = [span]
    for entry in entries:
        if len(rows[-1]) + 3 + len(entry) > width:
            rows.append(entry)
        else:
            rows[-1] += f"   {entry}"
    return [f"{'':{LABEL_WIDTH}}{' ' if n else '└'} {row}" for n, row in enumerate(rows)]


def _steps_by_column(steps: int, width: int) -> list[range]:
    """Return the steps that each column shows: one step over a few columns, or a few in one."""
    if steps <= width:
        per_step = min(MAX_COLUMNS_PER_STEP, width // steps)
        return [range(t, t + 1) for t in range(steps) for _ in range(per_step)]
    return [range(j * steps // width, (j + 1) * steps // width) for j in range(width)]


def _range(series: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """Return the lowest and highest finite value, moved apart where they are (nearly) equal."""
    finite = [v for values in series.values() for v in values if math.isfinite(v)] or [0.0]
    low, high = (min(max(edge, -HUGE), HUGE) for edge in (min(finite), max(finite)))
    scale = max(1.0, abs(low), abs(high))
    return (low - 0.5 * scale, high + 0.5 * scale) if high - low <= 1e-9 * scale else (low, high)


def _level(value: float, low: float, high: float, height: int) -> int | None:
    """Return the row of a value, 0 at the top; None for NaN."""
    if math.isnan(value):
        return None
    share = (high - min(max(value, low), high)) / (high - low)
    return round(share * (height - 1))


def _log10(value: float) -> float:
    return math.log10(value) if value > 0 and math.isfinite(value) else math.nan


def _power(exponent: float) -> str:
    """Return a power of ten for a label of a logarithmic axis."""
    if 2 <= exponent < 5:
        return f"{10**exponent:.0f}"
    return f"{10**exponent:.2g}" if -3 < exponent < 2 else f"{10**exponent:.0e}"


def _number(value: float, *, decimals: int) -> str:
    """Return at most `LABEL_WIDTH` characters for a label of the value axis."""
    if abs(value) < 0.5 * 10**-decimals:
        value = 0.0  # never "-0.00"
    if abs(value) < 9.99:
        return f"{value:.{decimals}f}"
    if abs(value) < 9999.5:
        return f"{value:.0f}"
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


def heat_map(rows: Mapping[str, Sequence[float]], *, span: str) -> str:
    """Draw rows of shares as lines of text: the darker a character, the larger the share.

    Args:
        rows: for each label the shares, from 0 to 1; all rows have as many.
        span: what the columns are.
    """
    width = max(map(len, rows))
    top = max((share for row in rows.values() for share in row), default=0.0) or 1.0
    lines = [
        f"{label:>{width}}│{''.join(SHADES[_shade(share / top)] for share in row)}│"
        for label, row in rows.items()
    ]
    return "\n".join([*lines, f"{'':{width}}└ {span}; @ is {top:.2f}"])


def _shade(share: float) -> int:
    return min(max(round(share * (len(SHADES) - 1)), 0), len(SHADES) - 1)
