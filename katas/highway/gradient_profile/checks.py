"""Checks of `gradient_profile` and `plot_profiles`: torch's cells under autograd, drawn lines."""

import importlib.util
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    NotVerified,
    Source,
    Submission,
    check,
    expect,
    expect_true,
    gradients_of,
    observe,
    sizes,
    sources,
)

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
BLOCKS = {"rnn": 1, "lstm": 4}


@dataclass(frozen=True)
class Case:
    """A layer, its inputs, and the gradient that arrives at its last hidden state."""

    kind: str
    x: torch.Tensor  # (N, T, I)
    weights: dict[str, torch.Tensor]  # torch's names
    v: torch.Tensor  # (N, H)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What gradient_profile is called with."""
        return self.kind, self.x, self.weights, self.v

    def profile(self, dtype: torch.dtype) -> torch.Tensor:
        """Run torch's own cells in a dtype and let autograd find the gradients."""
        x, v = self.x.to(dtype), self.v.to(dtype)
        weights = [self.weights[name].to(dtype) for name in NAMES]
        h = torch.zeros_like(v).requires_grad_()
        c = torch.zeros_like(v)
        states = []
        for step in x.unbind(dim=1):
            if self.kind == "rnn":
                h = torch.rnn_tanh_cell(step, h, *weights)
            else:
                h, c = torch.lstm_cell(step, (h, c), *weights)
            states.append(h)
        norms = [gradient.norm() for gradient in gradients_of([h], states, [v])]
        return torch.stack(norms).detach()

    @cached_property
    def exact(self) -> torch.Tensor:
        """The profile in float64."""
        return self.profile(torch.float64)

    @cached_property
    def peer(self) -> torch.Tensor:
        """The profile in the case's own dtype."""
        return self.profile(self.x.dtype)


def draw_case(source: Source, kind: str, n: int, steps: int, i: int, h: int) -> Case:
    """Draw a case whose gradient neither vanishes nor explodes within a few steps."""
    rows = BLOCKS[kind] * h
    values = (
        source.normal(rows, i),
        source.normal(rows, h),
        source.normal(rows, scale=0.5),
        source.normal(rows, scale=0.5),
    )
    weights = dict(zip(NAMES, values, strict=True))
    return Case(kind, source.normal(n, steps, i), weights, 3 * source.normal(n, h))


@st.composite
def short_cases(draw, *, kinds: tuple[str, ...] = ("rnn", "lstm"), least: int = 1) -> Case:
    """One or three sequences of a few steps."""
    n, steps = draw(st.sampled_from([1, 3])), draw(sizes(least, 6))
    hidden_size = draw(sizes(1, 3))
    input_size = draw(sizes(1, 4).filter(lambda size: size != hidden_size))
    source = draw(sources())
    return draw_case(source, draw(st.sampled_from(kinds)), n, steps, input_size, hidden_size)


def long_case(source: Source, kind: str, steps: int, forget_bias: float) -> Case:
    """Make a long sequence for a layer as torch initialises it, with H = 4."""
    case = draw_case(source, kind, 2, steps, 3, 4)
    weights = {
        name: source.uniform(*weight.shape, low=-0.5, high=0.5)
        for name, weight in case.weights.items()
    }
    if kind == "lstm":
        weights["bias_ih_l0"][4:8] = forget_bias
        weights["bias_hh_l0"][4:8] = 0.0
    return replace(case, weights=weights)


@cache
def long_cases() -> list[Case]:
    """Fixed numbers: long runs are dear, and what they show does not depend on the draw."""
    source = Source(1991, torch.float64)
    layers = (("rnn", 100, 0.0), ("lstm", 10, 1.0), ("lstm", 50, 0.0), ("lstm", 200, 3.0))
    return [long_case(source, *layer) for layer in layers]


@st.composite
def drawn_profiles(draw) -> dict[str, torch.Tensor]:
    """Two or three profiles of different lengths, over several orders of magnitude."""
    source = draw(sources())
    lengths = draw(st.lists(sizes(3, 9), min_size=2, max_size=3, unique=True))
    labels = ("rnn", "lstm, forget bias 0", "lstm, forget bias 3")
    return {
        label: 10 ** source.uniform(length, low=-6.0, high=2.0)
        for label, length in zip(labels, lengths, strict=False)
    }


def describe_plot(submission: Submission, profiles: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Ask for the figure and describe its axes, the only ones."""
    if importlib.util.find_spec("matplotlib") is None:
        raise NotVerified("matplotlib is not installed (it comes with tensor-katas[plots])")
    figure = submission["plot_profiles"](profiles)
    expect_true(hasattr(figure, "describe"), f"expected a Matplotlib figure, got {figure!r}")
    axes = figure.describe()["axes"]
    expect_true(len(axes) == 1, f"expected one pair of axes, got {len(axes)}")
    return axes[0]


@check(points=1, examples=8)
@given(case=short_cases())
def gives_one_norm_for_each_step(submission: Submission, case: Case) -> None:
    """The profile has shape (T,) and the dtype of x."""
    profile = submission["gradient_profile"](*case.arguments)
    want = torch.zeros(case.x.shape[1], dtype=torch.float64)
    expect(profile, want, name="profile", dtype=case.x.dtype, values=False)


def expect_profile(submission: Submission, case: Case) -> None:
    """Compare the profile with torch's."""
    profile = submission["gradient_profile"](*case.arguments)
    expect(
        profile,
        case.exact,
        name="profile",
        dtype=case.x.dtype,
        peer=case.peer,
        dims=("step",),
    )


@check(points=3, after=gives_one_norm_for_each_step, examples=20)
@given(case=short_cases(kinds=("rnn",), least=2))
def follows_an_rnn_back(submission: Submission, case: Case) -> None:
    """For an RNN, entry t is the norm of the total derivative dL/dh."""
    expect_profile(submission, case)


@check(points=3, after=follows_an_rnn_back, examples=20)
@given(case=short_cases(kinds=("lstm",), least=2))
def follows_an_lstm_back(submission: Submission, case: Case) -> None:
    """For an LSTM too, through the gates and through the cell state."""
    expect_profile(submission, case)


@check(points=1, after=follows_an_lstm_back)
def follows_long_sequences_back(submission: Submission) -> None:
    """Over 10, 50, 100 and 200 steps, with forget biases of 0, 1 and 3, every entry is right."""
    for case in long_cases():
        kind, steps, want = case.kind, case.x.shape[1], case.exact
        profile = submission["gradient_profile"](*case.arguments)
        expect(profile, want, name="profile", values=False)
        # Beside the last entry the first is so small that any two answers would look alike.
        observe(f"log10 at the first step, {kind}, T = {steps}", f"{profile[0].log10().item():.0f}")
        # As logarithms: the first entries are many orders of magnitude smaller than the last. Each
        # step back costs up to an eps, and 200 steps of right answers were 170 eps apart.
        expect(
            profile.log10(),
            want.log10(),
            name=f"log10 of the {kind}'s profile, T = {steps}",
            terms=torch.ones(1),
            floor=4_000.0,
            dims=("step",),
        )


@check(points=1, after=follows_an_lstm_back, examples=6)
@given(case=short_cases())
def leaves_its_arguments_alone(submission: Submission, case: Case) -> None:
    """Inputs, weights and v are as they were."""
    _, (_, x, weights, v) = submission["gradient_profile"].inputs(*case.arguments)
    before = {"x": case.x, "v": case.v} | case.weights
    after = {"x": x, "v": v} | weights
    for name, value in before.items():
        same = name in after and torch.equal(value, after[name])
        expect_true(same, f"{name} was changed by the call")


@check(points=2, examples=4)
@given(profiles=drawn_profiles())
def draws_each_profile(submission: Submission, profiles: dict[str, torch.Tensor]) -> None:
    """Each profile is one labelled line over the steps 1 to T."""
    lines = {line["label"]: line for line in describe_plot(submission, profiles)["lines"]}
    for label, profile in profiles.items():
        expect_true(label in lines, f"expected a line labelled {label!r}, got {sorted(lines)}")
        steps = [float(t) for t in range(1, len(profile) + 1)]
        got = lines[label]["x"]
        expect_true(got == steps, f"x of the line {label!r}: expected 1 to {len(steps)}, got {got}")
        y = torch.tensor(lines[label]["y"], dtype=profile.dtype)
        expect(y, profile.double(), name=f"y of the line {label!r}", dims=("step",))


@check(points=1, after=draws_each_profile, examples=3)
@given(profiles=drawn_profiles())
def says_what_is_drawn(submission: Submission, profiles: dict[str, torch.Tensor]) -> None:
    """Only y is logarithmic, both axes have a name, and a legend names the lines."""
    axes = describe_plot(submission, profiles)
    expect_true(axes["yscale"] == "log", f"yscale: expected 'log', got {axes['yscale']!r}")
    expect_true(axes["xscale"] == "linear", f"xscale: expected 'linear', got {axes['xscale']!r}")
    for name in ("xlabel", "ylabel"):
        expect_true(axes[name].strip() != "", f"{name}: expected a few words, got none")
    missing = [label for label in profiles if label not in axes["legend"]]
    expect_true(not missing, f"legend: {missing} not named, got {axes['legend']}")


@check(points=1, after=draws_each_profile, examples=3)
@given(profiles=drawn_profiles())
def starts_a_new_figure(submission: Submission, profiles: dict[str, torch.Tensor]) -> None:
    """A second call begins with empty axes."""
    describe_plot(submission, profiles)
    again = describe_plot(submission, {"one more": profiles["rnn"]})
    left = sorted({line["label"] for line in again["lines"]} & set(profiles))
    # How many lines have piled up depends on how often the function was called before.
    observe("the second figure holds lines of the first", bool(left))
    expect_true(not left, f"the second figure still holds the first one's lines {left}")
