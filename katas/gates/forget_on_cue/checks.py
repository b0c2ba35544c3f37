"""Checks of `forget_on_cue`: the judge runs the learner's weights and watches the memory."""

from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Source, Submission, check, sizes, sources
from grader.checks import gates as oracle
from grader.checks.gates import LONGEST, STARTS, TOLERANCE, Weights

PATTERNS = ("ones", "minus ones", "alternating", "random")
KINDS_OF_STEP = {  # value, cue, h before
    "value 0": (0.0, 0.0, 0.0),
    "value 1": (1.0, 0.0, 0.0),
    "value -1": (-1.0, 0.0, 0.0),
    "cue": (0.0, 1.0, 0.0),
}


@dataclass(frozen=True)
class Run(oracle.Run):
    """One sequence: what the memory holds at first, the values, and when a cue comes."""

    cues: tuple[int, ...]  # steps, the first of which is 1

    @property
    def flags(self) -> dict[str, tuple[int, ...]]:
        """When a cue comes."""
        return {"cue": self.cues}

    @property
    def wanted(self) -> list[float]:
        """What c must be after each step, (T,)."""
        kept = min(self.cues, default=len(self.values) + 1) - 1
        return [self.c0] * kept + [0.0] * (len(self.values) - kept)

    def origin(self, step: int) -> str:
        """Say why c must hold what it must after a step."""
        cued = [cue for cue in self.cues if cue <= step]
        return f"the first cue came at step {cued[0]}" if cued else "no cue has come yet"


def distractors(pattern: str, steps: int, source: Source) -> tuple[float, ...]:
    """Return `steps` values that mean nothing; constant ones push a leak the furthest."""
    if pattern == "random":
        return tuple(source.uniform(steps).tolist())
    odd, even = {"ones": (1.0, 1.0), "minus ones": (-1.0, -1.0)}.get(pattern, (1.0, -1.0))
    return tuple(even if step % 2 else odd for step in range(steps))


@st.composite
def runs(draw: st.DrawFn, *, silent: bool = False, cued: bool = False) -> Run:
    """Draw a short run: its values all 0 or not, with one to three cues or none."""
    steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
    pattern = draw(st.sampled_from(PATTERNS))
    cues = source.permutation(steps)[: draw(sizes(1, 3))] if cued else []
    return Run(
        c0=draw(st.sampled_from([1.0, -1.0, 0.5, -0.8])),
        h0=draw(st.sampled_from([0.0, 0.9, -0.9])),
        values=(0.0,) * steps if silent else distractors(pattern, steps, source),
        cues=tuple(sorted(index + 1 for index in cues)),
    )


def long_runs() -> list[Run]:
    """Return runs as long as the task allows, among them those that show a small leak the most."""
    source = Source(seed=0, dtype=torch.float64)
    return [
        Run(c0, h0, distractors(pattern, LONGEST, source), cues)
        for pattern, (c0, h0) in zip(PATTERNS, STARTS, strict=True)
        for cues in ((), (1,), (500,), (250, 750, LONGEST))
    ]


def amount(written: float, _value: float) -> str:
    """Say in words how much is written."""
    return ("nothing", "a little", "much")[sum(abs(written) > t for t in (1e-5, TOLERANCE))]


def expect_memory(weights: Weights, batch: list[Run]) -> None:
    """Hold the memory of every run against what is wanted."""
    oracle.observe_gates(weights, KINDS_OF_STEP, amount)
    oracle.expect_memory(weights, batch)


@check(points=1)
def returns_four_tensors(submission: Submission) -> None:
    """Four tensors come back, of the shapes that the weights of nn.LSTMCell(2, 1) have."""
    oracle.expect_weights(submission["forget_on_cue"](), inputs=2)


@check(points=2, after=returns_four_tensors, examples=15)
@given(run=runs(silent=True))
def keeps_in_silence(submission: Submission, run: Run) -> None:
    """As long as the input is (0, 0), c stays within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission["forget_on_cue"](), [run])


@check(points=2, after=keeps_in_silence, examples=15)
@given(run=runs())
def ignores_values(submission: Submission, run: Run) -> None:
    """Values from -1 to 1 without a cue leave c within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission["forget_on_cue"](), [run])


@check(points=2, after=ignores_values, examples=15)
@given(run=runs(cued=True))
def erases_at_the_cue(submission: Submission, run: Run) -> None:
    """At the first cue c goes to 0, within 0.01, and stays there whatever follows."""
    expect_memory(submission["forget_on_cue"](), [run])


@check(points=3, after=erases_at_the_cue)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, with a cue early, late or never."""
    expect_memory(submission["forget_on_cue"](), long_runs())
