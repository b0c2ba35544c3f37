"""A figure as plain values says what a reader of the picture could see."""

import pytest

from grader.worker.figures import describe_figure


@pytest.fixture
def axes():
    figure = pytest.importorskip("matplotlib.figure")
    return figure.Figure().add_subplot()


def described(axes) -> dict:
    [only] = describe_figure(axes.figure)["axes"]
    return only


def test_lines_labels_and_limits(axes) -> None:
    axes.plot([1, 2], [0.1, 10.0], label="rnn")
    axes.set(xlabel="step", ylabel="norm", yscale="log", xlim=(0, 3), ylim=(0.01, 100))
    axes.legend()
    found = described(axes)
    assert found["lines"] == [
        {"label": "rnn", "joined": True, "visible": True, "x": [1.0, 2.0], "y": [0.1, 10.0]}
    ]
    assert (found["xlabel"], found["ylabel"], found["yscale"]) == ("step", "norm", "log")
    assert (found["xlim"], found["ylim"]) == ([0.0, 3.0], [0.01, 100.0])
    assert found["legend"] == ["rnn"]


@pytest.mark.parametrize(
    "style",
    [
        {"linestyle": "none", "marker": "o"},
        {"linewidth": 0},
        {"alpha": 0.0},
        {"color": "white"},
        {"visible": False},
    ],
    ids=str,
)
def test_a_line_that_nobody_sees(axes, style) -> None:
    axes.plot([1, 2], [1, 2], **style)
    [line] = described(axes)["lines"]
    assert not line["visible"]
    assert line["joined"] == ("linestyle" not in style)


@pytest.mark.parametrize("style", [{"linestyle": "--"}, {"marker": "o"}, {"alpha": 0.5}], ids=str)
def test_a_line_in_another_style(axes, style) -> None:
    axes.plot([1, 2], [1, 2], **style)
    assert described(axes)["lines"][0]["visible"]


def test_axes_that_are_switched_off(axes) -> None:
    assert described(axes)["visible"]
    axes.set_visible(False)
    assert not described(axes)["visible"]


def test_names_that_are_switched_off(axes) -> None:
    axes.set_xlabel("step", visible=False)
    axes.set_ylabel("norm")
    assert (described(axes)["xlabel"], described(axes)["ylabel"]) == ("", "norm")
    axes.axis("off")
    assert described(axes)["ylabel"] == ""


def test_a_legend_of_the_figure_counts(axes) -> None:
    axes.plot([1, 2], [1, 2], label="rnn")
    axes.figure.legend()
    assert described(axes)["legend"] == ["rnn"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_legend_names_lines_that_have_no_label(axes, order) -> None:
    lines = [axes.plot([1, 2], [k, k])[0] for k in (1, 2)]
    axes.legend([lines[k] for k in order], [("rnn", "lstm")[k] for k in order])
    found = described(axes)["lines"]
    assert [(line["label"], line["y"]) for line in found] == [("rnn", [1, 1]), ("lstm", [2, 2])]


def test_a_legend_in_the_order_of_the_lines_names_them(axes) -> None:
    for k in (1, 2):
        axes.plot([1, 2], [k, k], "o--")
    axes.legend(["rnn", "lstm"])
    assert [line["label"] for line in described(axes)["lines"]] == ["rnn", "lstm"]


def test_a_legend_does_not_tell_lines_that_look_alike(axes) -> None:
    for k in (1, 2):
        axes.plot([1, 2], [k, k], color="red")
    axes.legend(["rnn", "lstm"])
    assert all(line["label"].startswith("_") for line in described(axes)["lines"])


def test_a_label_of_its_own_comes_before_the_legend(axes) -> None:
    axes.plot([1, 2], [1, 2], label="rnn")
    axes.legend(["something else"])
    assert described(axes)["lines"][0]["label"] == "rnn"
