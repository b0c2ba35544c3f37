"""Checks of weights for one LSTM unit: the judge runs them in `nn.LSTM` and watches the gates.

The learner returns w_ih (4, I), w_hh (4, 1), b_ih (4,), b_hh (4,), float32 or float64, with I >= 2:
each input is a value and the flags that a kata names in its `Latch`. H = 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import tanh

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.checks.compare import expect_true
from grader.checks.hearing import observe
from grader.checks.strategies import Source, Strategy, sizes, sources
from grader.checks.submission import Submission
from grader.checks.textplot import plot
from grader.checks.weights import Weights, expect_weights, gates
from grader.checks.weights import run as run_layer

TOLERANCE = 0.01  # what the tasks allow in c and in h
LONGEST = 1000
LEAK = TOLERANCE / LONGEST / 2  # at each step, where the forget gate and the input gate both leak
PATTERNS = ("high", "low", "alternating", "random")
STARTS = ((1.0, 0.0), (-1.0, -1.0))  # c_0 and h_0 of long runs

Steps = tuple[int, ...]
"""Some steps of a sequence, the first of which is 1."""


@dataclass(frozen=True)
class Run:
    """One sequence, and what the cell must do with it.

    Args:
        c0: the cell state at the start.
        h0: the hidden state at the start.
        values: the input's first entry at each step, (T,).
        flags: at which steps each flag is 1. The first flag changes c, a second one shows c.
        stores: whether the first flag stores tanh(value). If not, it erases c.
    """

    c0: float
    h0: float
    values: tuple[float, ...]
    flags: Mapping[str, Steps]
    stores: bool

    @property
    def inputs(self) -> Tensor:
        """The inputs, (T, I), float64."""
        steps = range(1, len(self.values) + 1)
        flags = [[float(step in ones) for step in steps] for ones in map(set, self.flags.values())]
        return torch.tensor([self.values, *flags], dtype=torch.float64).T

    @property
    def wanted(self) -> dict[str, list[float]]:
        """What c must be after each step, (T,), and h too if there is a flag that shows c."""
        changes, *shows = map(set, self.flags.values())
        held, cs = self.c0, []
        for step, value in enumerate(self.values, start=1):
            if step in changes:
                held = tanh(value) if self.stores else 0.0
            cs.append(held)
        wanted = {"c": cs}
        for shown in shows:
            wanted["h"] = [tanh(c) if step in shown else 0.0 for step, c in enumerate(cs, start=1)]
        return wanted

    def origin(self, step: int) -> str:
        """Say why c must hold what it must after a step."""
        flag, ones = next(iter(self.flags.items()))
        before = [one for one in ones if one <= step]
        return f"{flag} was last 1 at step {before[-1]}" if before else f"{flag} has not been 1 yet"


@dataclass(frozen=True)
class Latch:
    """A function that returns the weights of one LSTM unit, and what these weights must do.

    Args:
        name: the submission's function.
        flags: names of the inputs after the value. The first changes c, a second one shows c.
        largest: values go from minus this to this.
        stores: whether the first flag stores tanh(value). If not, it erases c.
        kinds: kinds of steps by name: the input, and the h before it.
    """

    name: str
    flags: tuple[str, ...]
    largest: float
    stores: bool
    kinds: Mapping[str, Sequence[float]]

    def run(self, c0: float, h0: float, values: tuple[float, ...], *ones: Steps) -> Run:
        """One run; `ones` are the steps of each flag, and flags that are left out stay 0."""
        every = (*ones, *((),) * len(self.flags))
        return Run(c0, h0, values, dict(zip(self.flags, every, strict=False)), self.stores)

    def draw_values(
        self, pattern: str, steps: int, changes: Steps, source: Source
    ) -> tuple[float, ...]:
        """Random values where one is stored; elsewhere, values that push a leak the furthest."""
        largest = self.largest
        values: list[float] = source.uniform(steps, low=-largest, high=largest).tolist()
        odd, even = {"high": (1, 1), "low": (-1, -1)}.get(pattern, (1, -1))
        for step in range(1, steps + 1):
            if pattern != "random" and not (self.stores and step in changes):
                values[step - 1] = largest * (odd if step % 2 else even)
        return tuple(values)

    def runs(
        self,
        *counts: tuple[int, int],
        c0: Sequence[float] = (1.0, -1.0, 0.5),
        silent: bool = False,
        meets_h: bool = False,
    ) -> Strategy:
        """Runs of 1 to 20 steps.

        Args:
            counts: at how many steps each flag is 1, at least and at most; left out, it stays 0.
            c0: the cell states to start from.
            silent: whether every value is 0.
            meets_h: whether the first flag is often 1 where the h before is not 0: at the first
                step, and after steps that show c.
        """

        @st.composite
        def drawn(draw: st.DrawFn) -> Run:
            steps, source = draw(sizes(1, 20)), draw(sources(torch.float64))
            ones = [{i + 1 for i in source.permutation(steps)[: draw(sizes(*c))]} for c in counts]
            if meets_h and draw(sizes(0, 3)):
                ones[0].add(1)
            if meets_h and len(ones) > 1:
                ones[1] |= {step - 1 for step in ones[0] if step > 1}
            flags = [tuple(sorted(some)) for some in ones]
            pattern = draw(st.sampled_from(PATTERNS))
            changes = flags[0] if flags else ()
            return self.run(
                draw(st.sampled_from(c0)),
                draw(st.sampled_from([0.9, -0.9, 1.0, -1.0])),
                (0.0,) * steps if silent else self.draw_values(pattern, steps, changes, source),
                *flags,
            )

        return drawn()

    def long_runs(self, *plans: tuple[Steps, ...]) -> list[Run]:
        """Runs as long as the task allows, among them those that show a small leak the most.

        Every pattern of values meets every start: a leak upwards makes up for one towards 0 where c
        is positive, and adds to it where c is negative.

        Args:
            plans: the steps of each flag in one run.
        """
        source = Source(seed=0, dtype=torch.float64)
        return [
            self.run(c0, h0, self.draw_values(pattern, LONGEST, ones[0], source), *ones)
            for pattern in PATTERNS
            for c0, h0 in STARTS
            for ones in plans
        ]

    def expect_weights(self, submission: Submission) -> None:
        """Hold an answer to be four finite tensors of the right shapes."""
        expect_weights(submission[self.name](), inputs=1 + len(self.flags))

    def expect_traces(self, submission: Submission, batch: Sequence[Run], *names: str) -> None:
        """Hold c, h or both of runs of one length against what is wanted.

        The first run to go wrong is shown.

        Args:
            submission: whom to ask for weights.
            batch: the runs.
            names: "c", "h" or both.
        """
        weights = expect_weights(submission[self.name](), inputs=1 + len(self.flags))
        self._observe(weights)
        cs, hs = (trace.T.tolist() for trace in traces(weights, batch))
        for run, c, h in zip(batch, cs, hs, strict=True):
            got = {"c": c, "h": h}
            for name in names:
                expect_trace(run, name, got[name], run.wanted[name])

    def _observe(self, weights: Weights) -> None:
        """Say in words what the cell does at each kind of step: many weights do the same."""
        if not all(bool(w.isfinite().all()) for w in weights):
            return  # that they are not finite has been observed
        steps = torch.tensor(list(self.kinds.values()), dtype=torch.float64)
        i, f, g, o = gates(weights, steps[:, :-1], steps[:, -1:])
        shows = len(self.flags) > 1
        for kind, step, *parts in zip(
            self.kinds, steps.tolist(), i.tolist(), f.tolist(), g.tolist(), o.tolist(), strict=True
        ):
            written = self._amount(parts[0] * parts[2], step[0])
            if self.stores:
                observe(f"{kind}: the input gate", _openness(parts[0], missing=TOLERANCE))
            observe(f"{kind}: the forget gate", _openness(parts[1], missing=LEAK))
            if shows:
                observe(f"{kind}: the output gate", _openness(parts[3], missing=TOLERANCE))
            observe(f"{kind}: written", written)
        for name, gate in (("forget", f), *((("output", o),) if shows else ())):
            same = bool((gate.max() - gate.min()) < 1e-6)
            observe(f"the {name} gate is the same at every step", same)
        if self.stores:
            observe("the output gate sees the value", bool(weights[0][3, 0]))
            observe("the candidate sees h", abs(float(weights[1][2, 0])) > TOLERANCE)

    def _amount(self, written: float, value: float) -> str:
        """How much is written, in words, next to what would be right where a value is stored."""
        wanted = tanh(value)
        if abs(written) < TOLERANCE:
            return "nothing" if abs(written) < LEAK else "a little"
        if not self.stores:
            return "much"
        if abs(written - wanted) < TOLERANCE:
            return "tanh of the value"
        if abs(written + wanted) < TOLERANCE:
            return "minus tanh of the value"
        if abs(written) > 0.98:
            return f"1 or -1, {'with' if written * wanted > 0 else 'against'} the value's sign"
        if written * wanted > wanted**2 > 0:
            return "more than tanh of the value"
        if not 0 < written * wanted < wanted**2:
            return "something else"
        shares = ((0.7, "most of it"), (0.3, "a part of it"), (0.0, "a small part of it"))
        return next(word for above, word in shares if written / wanted > above)


def _openness(gate: float, *, missing: float) -> str:
    """How far a gate is open, in words: what leaks is told from what is half open.

    Args:
        gate: its value.
        missing: how much an open one may lack to 1. What a forget gate lacks adds up over the
            steps. What another gate lacks is lost at its own step alone.
    """
    if gate <= TOLERANCE:
        return "shut"
    for above, word in ((1 - missing, "open"), (0.98, "nearly open"), (0.9, "mostly open")):
        if gate > above:
            return word
    return "half open" if gate > 0.25 else "barely shut"


def traces(weights: Weights, batch: Sequence[Run]) -> tuple[Tensor, Tensor]:
    """Run an `nn.LSTM` with these weights; return c and h at each step, (T, N) each, float64.

    Args:
        weights: the learner's.
        batch: N runs of one length T.
    """
    first = torch.tensor([(run.h0, run.c0) for run in batch], dtype=torch.float64)
    _, cs, hs = run_layer(weights, torch.stack([run.inputs for run in batch], dim=1), *first.T)
    return cs, hs


def expect_trace(run: Run, name: str, got: Sequence[float], wanted: Sequence[float]) -> None:
    """Hold c or h of a run against what is wanted, and show where it first goes wrong.

    Args:
        run: which one.
        name: `c` or `h`.
        got: its value after each step, (T,).
        wanted: what it must be, (T,).
    """
    wrong = [t for t, value in enumerate(got) if not abs(value - wanted[t]) <= TOLERANCE]
    if wrong:
        step = wrong[0] + 1
        given, value, right = run.inputs[step - 1].tolist(), got[step - 1], wanted[step - 1]
        marks = {flag: [one - 1 for one in steps] for flag, steps in run.flags.items()}
        picture = plot({f"{name} wanted": wanted, f"{name} got": got}, height=7, marks=marks)
        expect_true(
            False,
            f"The run starts from c_0 = {run.c0} and h_0 = {run.h0}. After step {step} of "
            f"{len(got)}, whose input is {given}, {name} is {value:.5f}. Up to there, "
            f"{run.origin(step)}.\n{picture}",
            at=f"{name} after step {step}",
            expected=f"{right:.5f}",
            got=f"{value:.5f}",
            difference=f"{abs(value - right):.4g}",
            allowed=f"{TOLERANCE}",
        )
