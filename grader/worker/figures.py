"""Figures, described as plain values."""

from typing import Any

THINNEST = 0.1  # in points
FAINTEST = 0.1  # of an opacity of 1


def describe_figure(figure: Any) -> dict[str, Any]:
    """A Matplotlib figure as plain values: axes, scales, labels, limits, and each line's data.

    What is switched off is described as absent: a label that is not shown is an empty text.
    """
    return {
        "axes": [
            {
                "visible": bool(axes.get_visible()),
                "title": axes.get_title(),
                "xlabel": _shown(axes, axes.xaxis.label),
                "ylabel": _shown(axes, axes.yaxis.label),
                "xscale": axes.get_xscale(),
                "yscale": axes.get_yscale(),
                "xlim": [float(limit) for limit in axes.get_xlim()],
                "ylim": [float(limit) for limit in axes.get_ylim()],
                "legend": [
                    text.get_text()
                    for legend in (axes.get_legend(), *figure.legends)
                    if legend and legend.get_visible()
                    for text in legend.get_texts()
                ],
                "lines": [
                    {
                        "label": str(line.get_label()),
                        "joined": _is_joined(line),
                        "visible": _is_visible(line, axes.get_facecolor()),
                        "x": [float(v) for v in line.get_xdata()],
                        "y": [float(v) for v in line.get_ydata()],
                    }
                    for line in axes.get_lines()
                ],
            }
            for axes in figure.get_axes()
        ]
    }


def _shown(axes: Any, label: Any) -> str:
    """The text of an axis's label, if it can be seen."""
    return str(label.get_text()) if axes.axison and label.get_visible() else ""


def _is_joined(line: Any) -> bool:
    """Whether a stroke joins the points of a line, of whatever colour and width."""
    return line.get_linestyle() not in ("None", "none", " ", "")


def _is_visible(line: Any, background: tuple[float, ...]) -> bool:
    """Whether the points of a line are joined by a stroke that can be seen."""
    from matplotlib.colors import to_rgba

    *colour, opacity = to_rgba(line.get_color(), line.get_alpha())
    return bool(
        line.get_visible()
        and _is_joined(line)
        and line.get_linewidth() >= THINNEST
        and opacity >= FAINTEST
        and tuple(colour) != tuple(background[:3])
    )
