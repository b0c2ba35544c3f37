"""Figures of a verdict: drawn as text in a terminal, and as SVG on request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.text import lines_of, one_line

MOST_COLUMNS = 63
MOST_LINES = 6


def text_plot(figure: dict[str, Any], width: int) -> str:
    """A figure as lines of text; empty where there is too little to draw.

    Args:
        figure: `{"title", "lines": [{"label", "points"}], "x", "y", "log"}`, as in a verdict, or
            `{"title", "text"}`.
        width: of the terminal.
    """
    from grader.checks.textplot import LABEL_WIDTH, plot  # `kata list` sees no torch

    if "text" in figure:
        return "\n".join([one_line(figure["title"]), *map(one_line, lines_of(figure["text"]))])
    lines = {
        one_line(line["label"])[:20]: sorted(map(tuple, line["points"]))
        for line in figure["lines"][:MOST_LINES]
        if len(line["points"]) > 1
    }
    if not lines:
        return ""
    first = min(points[0][0] for points in lines.values())
    last = max(points[-1][0] for points in lines.values())
    columns = max(10, min(MOST_COLUMNS, width - LABEL_WIDTH - 1))
    at = [first + (last - first) * n / (columns - 1) for n in range(columns)]
    series = {name: [_between(points, x) for x in at] for name, points in lines.items()}
    x = figure.get("x") or "x"
    unit = f" ({figure['y']})" if figure.get("y") else ""
    drawn = plot(
        series, width=columns, span=f"{x} {first:,.6g} to {last:,.6g}", log=_is_log(figure)
    )
    return f"{one_line(figure['title'])}{unit}\n{drawn}"


def _is_log(figure: dict[str, Any]) -> bool:
    return bool(figure.get("log")) and all(
        y > 0 for line in figure["lines"] for _, y in line["points"]
    )


def _between(points: list[tuple[float, float]], x: float) -> float:
    """The value of a curve at x, on straight lines between its points; nan outside of them."""
    if not points[0][0] <= x <= points[-1][0]:
        return float("nan")
    after = next(n for n, (at, _) in enumerate(points) if at >= x)
    if after == 0 or points[after][0] == x:
        return points[after][1]
    (left, low), (right, high) = points[after - 1 : after + 1]
    return low + (high - low) * (x - left) / (right - left)


def write_svg(figures: Sequence[dict[str, Any]], folder: Path, name: str) -> list[Path]:
    """Write each figure as an SVG file of its own.

    Args:
        figures: of a verdict.
        folder: where to; it is made.
        name: what the files' names begin with.

    Raises:
        UsageError: Matplotlib is not installed, or the folder cannot be written to.
    """
    try:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            "pictures are drawn by Matplotlib, which is not installed",
            advice="pip install 'tensor-katas[plots]'",
        ) from None
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for figure in figures:
            if "text" in figure:
                continue
            drawn = Figure(figsize=(7, 4), layout="constrained")
            FigureCanvasSVG(drawn)
            axes = drawn.add_subplot()
            for line in figure["lines"]:
                if line["points"]:
                    x, y = zip(*line["points"], strict=True)
                    axes.plot(x, y, label=_plain(line["label"]))
            axes.set_title(_plain(figure["title"]))
            axes.set_xlabel(_plain(figure.get("x", "")))
            axes.set_ylabel(_plain(figure.get("y", "")))
            if _is_log(figure):
                axes.set_yscale("log")
            if axes.lines:
                axes.legend()
            paths.append(folder / f"{name}-{len(paths) + 1}.svg")
            drawn.savefig(paths[-1])
    except OSError as error:
        raise UsageError(f"the pictures cannot be written: {error}") from None
    return paths


def _plain(text: str) -> str:
    """A text that Matplotlib takes for no formula."""
    return one_line(text)[:80].replace("$", r"\$")
