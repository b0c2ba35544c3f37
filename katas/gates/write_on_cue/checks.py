"""Checks of `write_on_cue`: the judge runs the learner's weights and watches the memory."""

from dataclasses import dataclass
from math import tanh

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, observe
from grader.compare import expect_true, items
from grader.strategies import Source, sizes, sources
from grader.textplot import plot

SHAPES = {"w_ih": (4, 2), "w_hh": (4, 1), "b_ih": (4,), "b_hh": (4,)}
PATTERNS = ("twos", "minus twos", "alternating", "random")
KINDS_OF_STEP = {  # value, flag, h before
    "nothing": (0.0, 0.0, 0.0),
    "a value": (2.0, 0.0, 0.0),
    "a flagged zero": (0.0, 1.0, 0.0),
    "a flagged value": (-0.5, 1.0, 0.0),
    "a large flagged value": (2.0, 1.0, 0.0),
    "a flagged value after h": (-0.5, 1.0, 0.5),
}
TOLERANCE = 0.01  # what the task allows in c
LONGEST = 1000

Weights = tuple[torch.Tensor, ...]  # w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,)


@dataclass(frozen=True)
class Run:
    """One sequence: what the memory holds at first, the values, and when the flag is up."""

    c0: float
    h0: float
    values: tuple[float, ...]  # (T,)
    flags: tuple[int, ...]  # steps, the first of which is 1

    @property
    def inputs(self) -> torch.Tensor:
        """The inputs, (T, 2)."""
        flag = [float(step in self.flags) for step in range(1, len(self.values) + 1)]
        return torch.tensor([self.values, flag], dtype=torch.float64).T

    @property
    def wanted(self) -> list[float]:
        """What c must be after each step, (T,)."""
        held = self.c0
        return [
            held := tanh(value) if step in self.flags else held
            for step, value in enumerate(self.values, start=1)
        ]

    def origin(self, step: int) -> str:
        """Say where what c must hold after a step comes from."""
        before = [flag for flag in self.flags if flag <= step]
        return f"the flag was last up at step {before[-1]}" if before else "the flag was not up yet"


def draw_values(
    pattern: str, steps: int, flags: tuple[int, ...], source: Source
) -> tuple[float, ...]:
    """Return random values at the flags, and between them what pushes a leak the furthest."""
    values = source.uniform(steps, low=-2.0, high=2.0).tolist()
    odd, even = {"twos": (2.0, 2.0), "minus twos": (-2.0, -2.0)}.get(pattern, (2.0, -2.0))
    for step in range(1, steps + 1):
        if step not in flags and pattern != "random":
            values[step - 1] = odd if step % 2 else even
    return tuple(values)


@st.composite
def runs(draw: st.DrawFn, *, flags: tuple[int, int], c0: tuple[float, ...]) -> Run:
    """Draw a run of up to 20 steps; `flags` is how many there are, at least and at most."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    up = tuple(sorted(index + 1 for index in source.permutation(steps)[: draw(sizes(*flags))]))
    return Run(
        c0=draw(st.sampled_from(c0)),
        h0=draw(st.sampled_from([0.9, -0.9])),
        values=draw_values(draw(st.sampled_from(PATTERNS)), steps, up, source),
        flags=up,
    )


def long_runs() -> list[Run]:
    """Return runs as long as the task allows, among them those that show a small leak the most."""
    source = Source(seed=0, dtype=torch.float64)
    starts = zip(PATTERNS, (1.0, 1.0, -1.0, 0.5), (0.0, 0.9, -0.9, 0.9), strict=True)
    return [
        Run(c0, h0, draw_values(pattern, LONGEST, flags, source), flags)
        for pattern, c0, h0 in starts
        for flags in ((), (1,), (500,), (250, 251, 750, LONGEST))
    ]


def gates(weights: Weights, xs: torch.Tensor, hs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return f and what is written, i·g, for inputs (..., 2) and the h before each (..., 1)."""
    w_ih, w_hh, b_ih, b_hh = (w.double() for w in weights)
    i, f, g, _ = (xs @ w_ih.T + hs @ w_hh.T + b_ih + b_hh).unbind(-1)
    return f.sigmoid(), i.sigmoid() * g.tanh()


def memory(weights: Weights, batch: list[Run]) -> torch.Tensor:
    """Run an `nn.LSTM` with these weights over runs of one length; return c at each step, (T, N).

    The module shows only its h. The gates follow from x and the h before, and c from the gates.
    """
    lstm = torch.nn.LSTM(2, 1, dtype=torch.float64)
    lstm.load_state_dict(dict(zip(lstm.state_dict(), weights, strict=True)))
    xs = torch.stack([run.inputs for run in batch], dim=1)
    h0 = torch.tensor([[[run.h0] for run in batch]], dtype=torch.float64)
    c = torch.tensor([run.c0 for run in batch], dtype=torch.float64)
    with torch.no_grad():
        hs, _ = lstm(xs, (h0, c[None, :, None]))
    gated = gates(weights, xs, torch.cat((h0, hs[:-1])))
    return torch.stack([c := kept * c + written for kept, written in zip(*gated, strict=True)])


def observe_gates(weights: Weights) -> None:
    """Say in words what the cell does at each kind of step: many weights do the same."""
    steps = torch.tensor(list(KINDS_OF_STEP.values()), dtype=torch.float64)
    parts = (part.tolist() for part in (*gates(weights, steps[:, :2], steps[:, 2:]), steps[:, 0]))
    for kind, f, written, value in zip(KINDS_OF_STEP, *parts, strict=True):
        kept = sum(f > threshold for threshold in (TOLERANCE, 0.98, 1 - 1e-5))
        observe(f"{kind}: the forget gate", ("shut", "half open", "nearly open", "open")[kept])
        observe(f"{kind}: written", amount(written, tanh(value)))


def amount(written: float, wanted: float) -> str:
    """Say in words how much is written, next to what would be right at a flag."""
    if abs(written) < TOLERANCE:
        return "nothing" if abs(written) < 1e-5 else "a little"
    if abs(written - wanted) < TOLERANCE:
        return "tanh of the value"
    if abs(written) > 0.98:
        return "1 or -1"
    return "a part of it" if 0 < written * wanted < wanted**2 else "something else"


def expect_memory(weights: Weights, batch: list[Run]) -> None:
    """Hold the memory of every run against what is wanted; the first one to go wrong is shown."""
    observe_gates(weights)
    for run, got in zip(batch, memory(weights, batch).T.tolist(), strict=True):
        wanted = run.wanted
        wrong = [t for t, c in enumerate(got) if not abs(c - wanted[t]) <= TOLERANCE]
        if wrong:
            step = wrong[0] + 1
            given, c, right = run.inputs[step - 1].tolist(), got[step - 1], wanted[step - 1]
            flags = {"flag": [flag - 1 for flag in run.flags]}
            expect_true(
                False,
                f"From c_0 = {run.c0} and h_0 = {run.h0}, c is {c:.5f} after step {step} of "
                f"{len(got)}, whose input is {given}; {run.origin(step)}.\n"
                + plot({"wanted": wanted, "got": got}, height=7, marks=flags),
                at=f"c after step {step}",
                expected=f"{right:.5f}",
                got=f"{c:.5f}",
                difference=f"{abs(c - right):.4g}",
                allowed=f"{TOLERANCE}",
            )


def flaw(name: str, w: object) -> str:
    """Return what is wrong with one of the four weights, or nothing."""
    if not isinstance(w, torch.Tensor):
        return f"{name} is {type(w).__name__}, expected a tensor."
    observe(name, f"{w.dtype.is_floating_point} {tuple(w.shape)}")
    if w.dtype not in (torch.float32, torch.float64):
        return f"{name} has {w.dtype}, expected torch.float32 or torch.float64."
    if tuple(w.shape) != SHAPES[name]:
        return f"{name} has shape {tuple(w.shape)}, expected {SHAPES[name]}."
    return "" if bool(w.isfinite().all()) else f"{name} is not finite everywhere."


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """Four tensors come back, of the shapes that the weights of nn.LSTMCell(2, 1) have."""
    weights = items(submission.call("write_on_cue"), *SHAPES)
    for name, w in zip(SHAPES, weights, strict=True):
        wrong = flaw(name, w)
        expect_true(not wrong, wrong)


@check(points=2, after=returns_four_tensors, examples=15)
@given(run=runs(flags=(0, 0), c0=(1.0, -1.0, 0.5, 0.0)))
def holds_while_the_flag_is_down(submission: Submission, run: Run) -> None:
    """Values without a flag leave c within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission.call("write_on_cue"), [run])


@check(points=2, after=holds_while_the_flag_is_down, examples=15)
@given(run=runs(flags=(1, 1), c0=(0.0,)))
def writes_at_the_flag(submission: Submission, run: Run) -> None:
    """Into an empty memory (c_0 = 0), tanh(value) is written at the flag and kept."""
    expect_memory(submission.call("write_on_cue"), [run])


@check(points=2, after=writes_at_the_flag, examples=15)
@given(run=runs(flags=(1, 6), c0=(1.0, -1.0, 0.5)))
def replaces_what_was_there(submission: Submission, run: Run) -> None:
    """At each flag, tanh(value) takes the place of what c held before."""
    expect_memory(submission.call("write_on_cue"), [run])


@check(points=3, after=replaces_what_was_there)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, wherever the flag is up."""
    expect_memory(submission.call("write_on_cue"), long_runs())
