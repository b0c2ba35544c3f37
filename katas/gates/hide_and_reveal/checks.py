"""Checks of `hide_and_reveal`: the judge runs the learner's weights and watches c and h."""

from dataclasses import dataclass
from math import tanh

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, sizes, sources
from grader.checks import gates as oracle
from grader.checks.gates import LONGEST, PATTERNS, STARTS, TOLERANCE, Weights, draw_values

KINDS_OF_STEP = {  # value, write, show, h before
    "nothing": (0.0, 0.0, 0.0, 0.0),
    "a value": (2.0, 0.0, 0.0, 0.0),
    "write": (-0.5, 1.0, 0.0, 0.0),
    "write after h": (-0.5, 1.0, 0.0, 0.5),
    "show": (0.0, 0.0, 1.0, 0.0),
    "show and a value": (2.0, 0.0, 1.0, 0.0),
    "write and show": (-0.5, 1.0, 1.0, 0.0),
}


@dataclass(frozen=True)
class Run(oracle.Run):
    """One sequence: the first state, the values, and when to write and to show."""

    writes: tuple[int, ...]  # steps, the first of which is 1
    shows: tuple[int, ...]  # likewise

    @property
    def flags(self) -> dict[str, tuple[int, ...]]:
        """When to write and when to show."""
        return {"write": self.writes, "show": self.shows}

    @property
    def wanted(self) -> list[float]:
        """What c must be after each step, (T,)."""
        held = self.c0
        return [
            held := tanh(value) if step in self.writes else held
            for step, value in enumerate(self.values, start=1)
        ]

    @property
    def wanted_h(self) -> list[float]:
        """What h must be after each step, (T,)."""
        return [
            tanh(c) if step in self.shows else 0.0 for step, c in enumerate(self.wanted, start=1)
        ]

    def origin(self, step: int) -> str:
        """Say where what c must hold after a step comes from."""
        before = [write for write in self.writes if write <= step]
        return f"the last write was at step {before[-1]}" if before else "nothing was written yet"


@st.composite
def runs(draw: st.DrawFn, *, shown: bool) -> Run:
    """Draw a run of up to 20 steps, some of which write, and some of which show if any may."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    some = [{i + 1 for i in source.permutation(steps)[: draw(sizes(1, 6))]} for _ in range(2)]
    # h_0 is not 0: a write at the first step mostly meets it.
    writes = tuple(sorted(some[0] | ({1} if draw(sizes(0, 3)) else set())))
    # What is shown at one step comes back as h at the next: let a write meet it there.
    after_a_show = {step - 1 for step in writes if step > 1}
    return Run(
        c0=draw(st.sampled_from([1.0, -1.0, 0.5])),
        h0=draw(st.sampled_from([0.9, -0.9])),
        values=draw_values(draw(st.sampled_from(PATTERNS)), steps, writes, source),
        writes=writes,
        shows=tuple(sorted(some[1] | after_a_show)) if shown else (),
    )


def long_runs() -> list[Run]:
    """Return runs as long as the task allows, among them those that show a small leak the most."""
    source = Source(seed=0, dtype=torch.float64)
    plans = ((), (LONGEST,)), ((1,), (500, LONGEST)), ((250, 251, 750), tuple(range(1, LONGEST, 7)))
    return [
        Run(c0, h0, draw_values(pattern, LONGEST, writes, source), writes, shows)
        for pattern, (c0, h0) in zip(PATTERNS, STARTS, strict=True)
        for writes, shows in plans
    ]


def amount(written: float, value: float) -> str:
    """Say in words how much is written, next to what a right cell would write."""
    if abs(written) < TOLERANCE:
        return "nothing" if abs(written) < 1e-5 else "a little"
    return "tanh of the value" if abs(written - tanh(value)) < TOLERANCE else "something else"


def expect_traces(weights: Weights, batch: list[Run], *names: str) -> None:
    """Hold c, h or both of every run against what is wanted."""
    oracle.observe_gates(weights, KINDS_OF_STEP, amount, output=True)
    cs, hs = (trace.T.tolist() for trace in oracle.traces(weights, batch))
    for run, c, h in zip(batch, cs, hs, strict=True):
        for name, got, wanted in (("c", c, run.wanted), ("h", h, run.wanted_h)):
            if name in names:
                curves = (f"wanted {name}", f"got {name}")
                oracle.expect_trace(run, name, got, wanted, curves=curves, height=6)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """Four tensors come back, of the shapes that the weights of nn.LSTMCell(3, 1) have."""
    oracle.expect_weights(submission["hide_and_reveal"](), inputs=3)


@check(points=2, after=returns_four_tensors, examples=12)
@given(run=runs(shown=False))
def stores_while_hidden(submission: Submission, run: Run) -> None:
    """As long as nothing is to be shown, c takes each value that is to be written, and keeps it."""
    expect_traces(submission["hide_and_reveal"](), [run], "c")


@check(points=2, after=stores_while_hidden, examples=12)
@given(run=runs(shown=False))
def hides(submission: Submission, run: Run) -> None:
    """As long as nothing is to be shown, h stays within 0.01 of 0, whatever c holds."""
    expect_traces(submission["hide_and_reveal"](), [run], "h")


@check(points=1, after=hides, examples=12)
@given(run=runs(shown=True))
def showing_leaves_c_alone(submission: Submission, run: Run) -> None:
    """Showing changes nothing in c, then or later."""
    expect_traces(submission["hide_and_reveal"](), [run], "c")


@check(points=2, after=showing_leaves_c_alone, examples=12)
@given(run=runs(shown=True))
def reveals_when_asked(submission: Submission, run: Run) -> None:
    """Where show is 1, h is tanh(c), and everywhere else it is 0."""
    expect_traces(submission["hide_and_reveal"](), [run], "h")


@check(points=2, after=reveals_when_asked)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, wherever it is written or shown."""
    expect_traces(submission["hide_and_reveal"](), long_runs(), "c", "h")
