"""Figures, described as plain values."""

from typing import Any


def describe_figure(figure: Any) -> dict[str, Any]:
    """A Matplotlib figure as plain values: axes, scales, labels, and the data of each line."""
    return {
        "axes": [
            {
                "title": axes.get_title(),
                "xlabel": axes.get_xlabel(),
                "ylabel": axes.get_ylabel(),
                "xscale": axes.get_xscale(),
                "yscale": axes.get_yscale(),
                "legend": [text.get_text() for text in axes.get_legend().get_texts()]
                if axes.get_legend()
                else [],
                "lines": [
                    {
                        "label": str(line.get_label()),
                        "x": [float(v) for v in line.get_xdata()],
                        "y": [float(v) for v in line.get_ydata()],
                    }
                    for line in axes.get_lines()
                ],
            }
            for axes in figure.get_axes()
        ]
    }
