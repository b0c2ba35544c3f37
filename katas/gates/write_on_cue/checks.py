"""Checks of `write_on_cue`: the judge runs the learner's weights and watches the memory."""

from dataclasses import dataclass
from math import tanh

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, sizes, sources
from grader.checks import gates as oracle
from grader.checks.gates import LONGEST, PATTERNS, STARTS, TOLERANCE, Weights, draw_values

KINDS_OF_STEP = {  # value, flag, h before
    "nothing": (0.0, 0.0, 0.0),
    "a value": (2.0, 0.0, 0.0),
    "a flagged zero": (0.0, 1.0, 0.0),
    "a flagged value": (-0.5, 1.0, 0.0),
    "a large flagged value": (2.0, 1.0, 0.0),
    "a flagged value after h": (-0.5, 1.0, 0.5),
}


@dataclass(frozen=True)
class Run(oracle.Run):
    """One sequence: what the memory holds at first, the values, and when the flag is up."""

    ups: tuple[int, ...]  # steps, the first of which is 1

    @property
    def flags(self) -> dict[str, tuple[int, ...]]:
        """When the flag is up."""
        return {"flag": self.ups}

    @property
    def wanted(self) -> list[float]:
        """What c must be after each step, (T,)."""
        held = self.c0
        return [
            held := tanh(value) if step in self.ups else held
            for step, value in enumerate(self.values, start=1)
        ]

    def origin(self, step: int) -> str:
        """Say where what c must hold after a step comes from."""
        before = [flag for flag in self.ups if flag <= step]
        return f"the flag was last up at step {before[-1]}" if before else "the flag was not up yet"


@st.composite
def runs(draw: st.DrawFn, *, flags: tuple[int, int], c0: tuple[float, ...]) -> Run:
    """Draw a run of up to 20 steps; `flags` is how many there are, at least and at most."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    up = tuple(sorted(index + 1 for index in source.permutation(steps)[: draw(sizes(*flags))]))
    return Run(
        c0=draw(st.sampled_from(c0)),
        h0=draw(st.sampled_from([0.9, -0.9])),
        values=draw_values(draw(st.sampled_from(PATTERNS)), steps, up, source),
        ups=up,
    )


def long_runs() -> list[Run]:
    """Return runs as long as the task allows, among them those that show a small leak the most."""
    source = Source(seed=0, dtype=torch.float64)
    return [
        Run(c0, h0, draw_values(pattern, LONGEST, flags, source), flags)
        for pattern, (c0, h0) in zip(PATTERNS, STARTS, strict=True)
        for flags in ((), (1,), (500,), (250, 251, 750, LONGEST))
    ]


def amount(written: float, value: float) -> str:
    """Say in words how much is written, next to what would be right at a flag."""
    wanted = tanh(value)
    if abs(written) < TOLERANCE:
        return "nothing" if abs(written) < 1e-5 else "a little"
    if abs(written - wanted) < TOLERANCE:
        return "tanh of the value"
    if abs(written) > 0.98:
        return "1 or -1"
    return "a part of it" if 0 < written * wanted < wanted**2 else "something else"


def expect_memory(weights: Weights, batch: list[Run]) -> None:
    """Hold the memory of every run against what is wanted."""
    oracle.observe_gates(weights, KINDS_OF_STEP, amount)
    oracle.expect_memory(weights, batch)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """Four tensors come back, of the shapes that the weights of nn.LSTMCell(2, 1) have."""
    oracle.expect_weights(submission["write_on_cue"](), inputs=2)


@check(points=2, after=returns_four_tensors, examples=15)
@given(run=runs(flags=(0, 0), c0=(1.0, -1.0, 0.5, 0.0)))
def holds_while_the_flag_is_down(submission: Submission, run: Run) -> None:
    """Values without a flag leave c within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission["write_on_cue"](), [run])


@check(points=2, after=holds_while_the_flag_is_down, examples=15)
@given(run=runs(flags=(1, 1), c0=(0.0,)))
def writes_at_the_flag(submission: Submission, run: Run) -> None:
    """Into an empty memory (c_0 = 0), tanh(value) is written at the flag and kept."""
    expect_memory(submission["write_on_cue"](), [run])


@check(points=2, after=writes_at_the_flag, examples=15)
@given(run=runs(flags=(1, 6), c0=(1.0, -1.0, 0.5)))
def replaces_what_was_there(submission: Submission, run: Run) -> None:
    """At each flag, tanh(value) takes the place of what c held before."""
    expect_memory(submission["write_on_cue"](), [run])


@check(points=3, after=replaces_what_was_there)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, wherever the flag is up."""
    expect_memory(submission["write_on_cue"](), long_runs())
