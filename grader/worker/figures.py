"""Figures, described as plain values."""

from typing import Any

THINNEST = 0.1  # in points
FAINTEST = 0.1  # of an opacity of 1


def describe_figure(figure: Any) -> dict[str, Any]:
    """A Matplotlib figure as plain values: axes, scales, labels, limits, and each line's data.

    What is switched off is described as absent: a label that is not shown is an empty text.
    """
    return {"axes": [_described(axes, figure) for axes in figure.get_axes()]}


def _described(axes: Any, figure: Any) -> dict[str, Any]:
    legends = [one for one in (axes.get_legend(), *figure.legends) if one and one.get_visible()]
    named = _named_by(legends, axes.get_lines())
    return {
        "visible": bool(axes.get_visible()),
        "title": axes.get_title(),
        "xlabel": _shown(axes, axes.xaxis.label),
        "ylabel": _shown(axes, axes.yaxis.label),
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "xlim": [float(limit) for limit in axes.get_xlim()],
        "ylim": [float(limit) for limit in axes.get_ylim()],
        "legend": [text.get_text() for legend in legends for text in legend.get_texts()],
        "lines": [
            {
                "label": named.get(line) or str(line.get_label()),
                "joined": _is_joined(line),
                "visible": _is_visible(line, axes.get_facecolor()),
                "x": [float(v) for v in line.get_xdata()],
                "y": [float(v) for v in line.get_ydata()],
            }
            for line in axes.get_lines()
        ],
    }


def _named_by(legends: list[Any], lines: list[Any]) -> dict[Any, str]:
    """What legends call the lines that have no label of their own: they show how each looks."""
    without = [line for line in lines if str(line.get_label()).startswith("_")]
    entries = [
        (_look(handle), text.get_text())
        for legend in legends
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)
        if hasattr(handle, "get_linestyle") and hasattr(handle, "get_marker")
    ]
    looks = [_look(line) for line in without]
    return {
        line: texts[0]
        for line, look in zip(without, looks, strict=True)
        if len(texts := [text for one, text in entries if one == look]) == looks.count(look) == 1
    }


def _look(line: Any) -> tuple[object, ...]:
    """By what a reader tells a line from others."""
    from matplotlib.colors import to_rgba

    colour = to_rgba(line.get_color(), line.get_alpha())
    return (colour, line.get_linestyle(), line.get_linewidth(), str(line.get_marker()))


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
