"""Checks of `gradient_profile` and `plot_profiles`: torch's cells under autograd, drawn lines."""

import importlib.util
import math
from collections.abc import Sequence
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from grader.checks import (
    Case,
    CheckLimits,
    NotVerified,
    Operation,
    Source,
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_true,
    gradients_of,
    observe,
    sizes,
    sources,
    unequal,
)
from grader.checks.sequences import layer_weights, saturated
from grader.checks.words import another


def steep(case: Case) -> Case:
    """A case whose pre-activations are mostly between 5 and 30: nearly flat, and not quite."""
    return case.put(x=12.0 * case.x)


def by_autograd(kind: str, x: Tensor, weights: dict[str, Tensor], v: Tensor) -> Tensor:
    """Run torch's own cells and let autograd find the gradients: the profile, (T,)."""
    h, c, states = torch.zeros_like(v).requires_grad_(), torch.zeros_like(v), []
    for step in x.unbind(dim=1):
        if kind == "rnn":
            h = torch.rnn_tanh_cell(step, h, *weights.values())
        else:
            h, c = torch.lstm_cell(step, (h, c), *weights.values())
        states.append(h)
    return torch.stack([gradient.norm() for gradient in gradients_of([h], states, [v])])


def with_rows_of_kind(case: Case) -> Case:
    """The weights of an RNN have a quarter of the rows."""
    rows = slice(case.v.shape[1] if case.kind == "rnn" else None)
    return case.put(weights={name: weight[rows] for name, weight in case.weights.items()})


PROFILE = Operation(
    "gradient_profile",
    takes={
        "kind": st.sampled_from(("rnn", "lstm")),
        "x": ("N", "T", "I"),
        "weights": layer_weights(4),
        "v": ("N", "H"),
    },
    gives={"profile": ("T",)},
    reference=by_autograd,
    terms=lambda kind, x, weights, v: float(v.norm()),
    # A gradient that neither vanishes nor explodes within a few steps.
    scales={"bias_ih_l0": 0.5, "bias_hh_l0": 0.5, "v": 3.0},
    fit=with_rows_of_kind,
    sizes=unequal("I", "H", N=(1, 3), T=(1, 2, 3, 4, 5, 6)),
)

STEPS = st.sampled_from([1, 1, 2, 3, 4, 5, 6])
"""Lengths: a single step is often right where many are wrong, and the other way round."""

keeps_shape_and_dtype = PROFILE.keeps_shape_and_dtype(
    "The profile has shape (T,), also for a batch of one, and the dtype of x."
)
depends_on_its_arguments_alone = PROFILE.depends_on_its_arguments_alone(
    after=keeps_shape_and_dtype, examples=6
)
follows_an_rnn_back = PROFILE.matches_reference(
    "For an RNN, entry t - 1 is the norm of the total derivative dL/dh_t.",
    name="follows_an_rnn_back",
    points=3,
    after=depends_on_its_arguments_alone,
    examples=20,
    cases=PROFILE.cases(kind="rnn", T=STEPS),
)
follows_an_lstm_back = PROFILE.matches_reference(
    "For an LSTM too, through the gates and through the cell state.",
    name="follows_an_lstm_back",
    points=3,
    after=follows_an_rnn_back,
    examples=20,
    cases=PROFILE.cases(kind="lstm", T=STEPS),
)


# Who goes back from the loss once for each step, or runs on from each step, takes T² / 2 steps.
@check(points=1, after=follows_an_lstm_back, limits=CheckLimits(check_s=30.0, call_s=15.0))
def follows_long_sequences_back(submission: Submission) -> None:
    """Over 10, 50, 100 and 200 steps, with forget biases of 0, 1 and 3, every entry is right."""
    # Fixed numbers: long runs are expensive, and what they show does not depend on the draw.
    source = Source(1994, torch.float64)
    layers = (("rnn", 100, 0.0), ("lstm", 10, 1.0), ("lstm", 50, 0.0), ("lstm", 200, 3.0))
    for kind, steps, forget_bias in layers:
        case = PROFILE.draw(source, {"N": 2, "T": steps, "I": 3, "H": 4}, kind=kind)
        # As torch initialises a layer with H = 4, but for the forget bias.
        weights = {
            name: source.uniform(*weight.shape, low=-0.5, high=0.5)
            for name, weight in case.weights.items()
        }
        weights["bias_ih_l0"][4:8] = forget_bias
        weights["bias_hh_l0"][4:8] = 0.0
        case = case.put(weights=weights)
        # The names say which weight is which, and not their order.
        turned = case.put(weights=dict(reversed(weights.items())))
        (profile,), (want,) = PROFILE.ask(submission, *turned.values), PROFILE.run(*case.values)
        expect(profile, want, name="profile", dims=("step",), values=False)
        # Beside the last entry the first is so small that any two answers would look alike.
        observe(f"log10 at the first step, {kind}, T = {steps}", f"{profile[0].log10().item():.0f}")
        # As logarithms: the first entries are many orders of magnitude smaller than the last. Each
        # step back costs up to an eps, and 200 steps of right answers were 170 eps apart.
        expect(
            profile.log10(),
            want.log10(),
            name=f"log10 of the {kind}'s profile, T = {steps}",
            terms=1.0,
            floor=4_000.0,
            dims=("step",),
        )
    # A network that stays at 0, with weights of 10: the norms grow tenfold in each step back.
    case = PROFILE.draw(source, {"N": 2, "T": 30, "I": 3, "H": 4}, kind="rnn")
    weights = {name: torch.zeros_like(weight) for name, weight in case.weights.items()}
    weights["weight_hh_l0"] = 10.0 * torch.eye(4, dtype=torch.float64)
    case = case.put(weights=weights)
    (profile,), (want,) = PROFILE.ask(submission, *case.values), PROFILE.run(*case.values)
    expect(profile, want, name="profile", dims=("step",), values=False)
    first = profile[0].log10().item()
    observe("log10 of an explosion", f"{first:.0f}" if math.isfinite(first) else "none")
    share, name = profile / want, "profile of an explosion / expected"
    expect(share, torch.ones_like(share), name=name, terms=1.0, floor=4_000.0, dims=("step",))


leaves_inputs_unchanged = PROFILE.leaves_inputs_unchanged(
    "The arguments x, weights and v are not modified.", after=follows_an_lstm_back, examples=6
)


stays_finite_when_saturated = PROFILE.stays_finite_when_saturated(
    "With pre-activations of ±1,000 the norms are right, and none is nan.",
    cases=st.tuples(
        PROFILE.cases(kind="lstm", T=sizes(2, 6)).map(saturated),
        PROFILE.cases(kind="rnn", T=sizes(2, 6)).map(saturated),
        PROFILE.cases(torch.float64, kind="rnn", T=sizes(2, 6)).map(steep),
    ),
    after=follows_an_lstm_back,
    examples=8,
)


def drawn_axes(submission: Submission, profiles: dict[str, Tensor]) -> dict[str, Any]:
    """Ask for the figure and describe its axes, the only ones."""
    if importlib.util.find_spec("matplotlib") is None:
        raise NotVerified("matplotlib is not installed (it comes with tensor-katas[plots])")
    figure = submission["plot_profiles"](profiles)
    observe("a figure", hasattr(figure, "describe"))
    expect_true(hasattr(figure, "describe"), f"Expected a Matplotlib figure, got {figure!r}.")
    axes = figure.describe()["axes"]
    observe("pairs of axes", len(axes))
    if axes:
        observe("axes can be seen", axes[0]["visible"])
    expect_true(len(axes) == 1, f"Expected one pair of axes, got {len(axes)}.")
    expect_true(axes[0]["visible"], "The axes can't be seen, so the picture is empty.")
    return axes[0]


@st.composite
def profiles_to_draw(draw: st.DrawFn) -> dict[str, Tensor]:
    """Two or three profiles of different lengths, over several orders of magnitude."""
    source = draw(sources())
    lengths = draw(st.lists(sizes(3, 9), min_size=2, max_size=3, unique=True))
    labels = ("rnn", "lstm, forget bias 0", "lstm, forget bias 3")
    # Where an RNN has run over 200 steps, 1e-62 was measured.
    low = -18.0 if source.dtype == torch.float32 else -70.0
    return {
        label: 10 ** source.uniform(length, low=low, high=2.0)
        for label, length in zip(labels, lengths, strict=False)
    }


def observe_line(line: dict[str, Any], profile: Tensor) -> None:
    """Say what a line shows of a profile."""
    steps, x = [float(t) for t in range(1, len(profile) + 1)], line["x"]
    last = steps[-1]
    ways = {
        "1 to T": steps,
        "0 to T - 1": [t - 1 for t in steps],
        "cut off": steps[: len(x)],
        "T - 1 to 0": [last - t for t in steps],
        "shares": [t / last for t in steps],
        "0 to 1": [(t - 1) / (last - 1) for t in steps],
    }
    observe("x", next((way for way, one in ways.items() if x == one), "other"))
    y, exact = torch.tensor(line["y"], dtype=torch.float64), profile.double()
    ways = {
        "as it is": exact,
        "reversed": exact.flip(0),
        "by the largest": exact / exact.max(),
        "logarithms": exact.log10(),
        "natural logarithms": exact.log(),
        "cut off": exact[: len(y)],
    }
    alike = (w for w, one in ways.items() if y.shape == one.shape)
    same = (way for way in alike if torch.allclose(y, ways[way], rtol=1e-4, atol=0.0))
    observe("y", next(same, another(y)))
    observe("joined", line["joined"])
    observe("can be seen", line["visible"])


def within(limits: Sequence[float], values: Sequence[float]) -> bool:
    """Whether all values lie within the limits of an axis."""
    low, high = sorted(limits)
    return low <= min(values) * (1 + 1e-6) and max(values) * (1 - 1e-6) <= high


@check(points=2, examples=4)
@given(profiles=profiles_to_draw())
def draws_each_profile(submission: Submission, profiles: dict[str, Tensor]) -> None:
    """Each profile is one labelled line over the steps 1 to T, and all of it can be seen."""
    axes = drawn_axes(submission, profiles)
    lines = {line["label"]: line for line in axes["lines"]}
    observe("lines with their labels", len(lines.keys() & profiles.keys()) - len(profiles))
    # How many lines have piled up depends on how often the function was called before.
    observe("lines", min(len(axes["lines"]) - len(profiles), 1))
    for label, profile in profiles.items():
        if label in lines:
            observe_line(lines[label], profile)
        expect_true(label in lines, f"Expected a line labelled {label!r}, got {sorted(lines)}.")
        steps = [float(t) for t in range(1, len(profile) + 1)]
        got = lines[label]["x"]
        expect_true(
            got == steps, f"x of the line {label!r}: expected 1 to {len(steps)}, got {got}."
        )
        y = torch.tensor(lines[label]["y"], dtype=profile.dtype)
        expect(y, profile.double(), name=f"y of the line {label!r}", dims=("step",))
        # Each entry beside its own size: on a logarithmic axis the small ones count as much.
        share = y / profile
        name = f"y of the line {label!r} / the profile"
        expect(share, torch.ones_like(share).double(), name=name, dims=("step",))
        expect_true(lines[label]["joined"], f"No line joins the points of {label!r}.")
        expect_true(lines[label]["visible"], f"The line {label!r} can't be seen.")
        for axis, values in (("x", steps), ("y", profile.tolist())):
            inside = within(axes[f"{axis}lim"], values)
            observe(f"within the limits of {axis}", inside)
            expect_true(inside, f"The limits of {axis} hide a part of the line {label!r}.")


@check(points=1, after=draws_each_profile, examples=3)
@given(profiles=profiles_to_draw())
def says_what_is_drawn(submission: Submission, profiles: dict[str, Tensor]) -> None:
    """Only the y-axis is logarithmic, both axes have a name, and a legend names the lines."""
    axes = drawn_axes(submission, profiles)
    observe("scales", f"{axes['xscale']} {axes['yscale']}")
    expect_true(axes["yscale"] == "log", f"yscale: expected 'log', got {axes['yscale']!r}.")
    expect_true(axes["xscale"] == "linear", f"xscale: expected 'linear', got {axes['xscale']!r}.")
    x, y = (axes[name].strip().lower() for name in ("xlabel", "ylabel"))
    for name, said in (("xlabel", x), ("ylabel", y)):
        named = any(map(str.isalnum, said)) and said not in ("x", "y", "x-axis", "y-axis")
        observe(f"{name} says what is shown", named)
        observe(f"{name} is empty", not said)
        expect_true(named, f"{name}: expected what the axis shows, got {axes[name]!r}.")
    observe("two names", x != y)
    expect_true(x != y, f"Both axes have the name {axes['xlabel']!r}.")
    of_norms = [any(w in said for w in ("norm", "grad", "∂", "partial")) for said in (x, y)]
    observe("names swapped", of_norms == [True, False])
    expect_true(of_norms != [True, False], f"The x-axis has the name {axes['xlabel']!r}.")
    missing = [label for label in profiles if label not in axes["legend"]]
    observe("the legend names", "all" if not missing else "some" if axes["legend"] else "none")
    expect_true(not missing, f"The legend does not name {missing}. It holds {axes['legend']}.")


@check(points=1, after=draws_each_profile, examples=3)
@given(profiles=profiles_to_draw())
def starts_a_new_figure(submission: Submission, profiles: dict[str, Tensor]) -> None:
    """A second call begins with empty axes, and leaves the first figure alone."""
    drawn_axes(submission, profiles)
    first = submission["plot_profiles"](profiles)
    again = drawn_axes(submission, {"one more": profiles["rnn"]})
    lines = [line["label"] for axes in first.describe()["axes"] for line in axes["lines"]]
    kept = set(profiles) <= set(lines)
    observe("the first figure keeps its lines", kept)
    expect_true(kept, f"After a second call the first figure holds the lines {lines}.")
    left = sorted({line["label"] for line in again["lines"]} & set(profiles))
    # How many lines have piled up depends on how often the function was called before.
    observe("the second figure holds lines of the first", bool(left))
    expect_true(not left, f"The second figure still holds the lines {left} of the first one.")


@check(points=1, after=draws_each_profile, examples=3)
@given(profiles=profiles_to_draw())
def leaves_profiles_unchanged(submission: Submission, profiles: dict[str, Tensor]) -> None:
    """Drawing does not modify the profiles, and takes none of them out of its argument."""
    drawn_axes(submission, profiles)
    expect_call_changes_nothing(submission["plot_profiles"], {"profiles": profiles})
