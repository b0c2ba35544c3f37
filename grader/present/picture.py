"""Figures of a verdict: drawn as text in a terminal, and as SVG on request."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.text import lines_of, neutral, one_line

MOST_COLUMNS = 63
MOST_LINES = 6
DASHES = ("-", "--", "-.", ":")
"""Lines differ in more than their colour."""
DARK = "#1b1f26"
"""The ground of a dark picture; a page's own dark panels have it too."""


def text_plot(figure: dict[str, Any], width: int) -> str:
    """A figure as lines of text; empty where there is too little to draw.

    Args:
        figure: `{"title", "lines": [{"label", "points"}], "x", "y", "log"}`, as in a verdict, or
            `{"title", "text"}`.
        width: of the terminal.
    """
    from grader.checks.textplot import LABEL_WIDTH, plot  # `kata list` sees no torch

    if "text" in figure:
        rows = [neutral(line.expandtabs()).rstrip() for line in lines_of(figure["text"])]
        return "\n".join([one_line(figure["title"]), *rows])
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


def describe(figure: dict[str, Any]) -> str:
    """What a figure shows, in words, for whoever does not see it."""
    said = [f"{one_line(figure['title'])}."]
    if figure.get("y"):
        said.append(f"{one_line(figure['y'])} over {one_line(figure.get('x') or 'x')}.")
    for line in figure["lines"][:MOST_LINES]:
        if line["points"]:
            (_, first), *_, (_, last) = sorted(map(tuple, line["points"] + line["points"][-1:]))
            values = [y for _, y in line["points"]]
            said.append(
                f"{one_line(line['label'])}: from {first:.3g} to {last:.3g}, lowest "
                f"{min(values):.3g}, highest {max(values):.3g}."
            )
    return " ".join(said)


def draw_svg(figure: dict[str, Any], *, dark: bool = False, titled: bool = True) -> bytes:
    """A figure as an SVG document. Its texts are drawn as shapes, so none of them is markup.

    Args:
        figure: of a verdict, with lines.
        dark: light lines on a dark ground.
        titled: its title is drawn too.

    Raises:
        UsageError: Matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib import style
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            "pictures are drawn by Matplotlib, which is not installed",
            advice="pip install 'tensor-katas[plots]'",
        ) from None
    written = io.BytesIO()
    given: dict[Any, Any] = {"svg.hashsalt": "tensor-katas"}  # the same figure is the same file
    if dark:
        given |= dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), DARK)
    with style.context("dark_background" if dark else "default"), matplotlib.rc_context(given):
        drawn = Figure(figsize=(7, 4), layout="constrained")
        FigureCanvasSVG(drawn)
        axes = drawn.add_subplot()
        for number, line in enumerate(figure["lines"]):
            if line["points"]:
                x, y = zip(*line["points"], strict=True)
                dashes = DASHES[number % len(DASHES)]
                axes.plot(x, y, dashes, label=_plain(line["label"]))
        if titled:
            axes.set_title(_plain(figure["title"]))
        axes.set_xlabel(_plain(figure.get("x", "")))
        axes.set_ylabel(_plain(figure.get("y", "")))
        if _is_log(figure):
            axes.set_yscale("log")
        if axes.lines:
            axes.legend()
        drawn.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def write_svg(figures: Sequence[dict[str, Any]], folder: Path, name: str) -> list[Path]:
    """Write each figure as an SVG file of its own.

    Args:
        figures: of a verdict.
        folder: where to; it is made.
        name: what the files' names begin with.

    Raises:
        UsageError: Matplotlib is not installed, or the folder cannot be written to.
    """
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for figure in figures:
            if "text" in figure:
                continue
            paths.append(folder / f"{name}-{len(paths) + 1}.svg")
            paths[-1].write_bytes(draw_svg(figure))
    except OSError as error:
        raise UsageError(f"the pictures cannot be written: {error}") from None
    return paths


def _plain(text: str) -> str:
    """A text that Matplotlib takes for no formula."""
    return one_line(text)[:80].replace("$", r"\$")
