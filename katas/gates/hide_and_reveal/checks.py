"""Checks of `hide_and_reveal`: the judge runs the learner's weights and watches c and h."""

from dataclasses import dataclass
from math import tanh

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, observe
from grader.compare import expect_true, items
from grader.strategies import Source, sizes, sources
from grader.textplot import plot

SHAPES = {"w_ih": (4, 3), "w_hh": (4, 1), "b_ih": (4,), "b_hh": (4,)}
PATTERNS = ("twos", "minus twos", "alternating", "random")
KINDS_OF_STEP = {  # value, write, show, h before
    "nothing": (0.0, 0.0, 0.0, 0.0),
    "a value": (2.0, 0.0, 0.0, 0.0),
    "write": (-0.5, 1.0, 0.0, 0.0),
    "write after h": (-0.5, 1.0, 0.0, 0.5),
    "show": (0.0, 0.0, 1.0, 0.0),
    "show and a value": (2.0, 0.0, 1.0, 0.0),
    "write and show": (-0.5, 1.0, 1.0, 0.0),
}
TOLERANCE = 0.01  # what the task allows in c and in h
LONGEST = 1000

Weights = tuple[torch.Tensor, ...]  # w_ih (4, 3), w_hh (4, 1), b_ih (4,), b_hh (4,)


@dataclass(frozen=True)
class Run:
    """One sequence: the first state, the values, and when to write and to show."""

    c0: float
    h0: float
    values: tuple[float, ...]  # (T,)
    writes: tuple[int, ...]  # steps, the first of which is 1
    shows: tuple[int, ...]  # likewise

    @property
    def inputs(self) -> torch.Tensor:
        """The inputs, (T, 3)."""
        steps = range(1, len(self.values) + 1)
        flags = [[float(step in up) for step in steps] for up in (self.writes, self.shows)]
        return torch.tensor([self.values, *flags], dtype=torch.float64).T

    @property
    def wanted_c(self) -> list[float]:
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
            tanh(c) if step in self.shows else 0.0 for step, c in enumerate(self.wanted_c, start=1)
        ]


def draw_values(
    pattern: str, steps: int, writes: tuple[int, ...], source: Source
) -> tuple[float, ...]:
    """Return random values to write, and between them what pushes a leak the furthest."""
    values = source.uniform(steps, low=-2.0, high=2.0).tolist()
    odd, even = {"twos": (2.0, 2.0), "minus twos": (-2.0, -2.0)}.get(pattern, (2.0, -2.0))
    for step in range(1, steps + 1):
        if step not in writes and pattern != "random":
            values[step - 1] = odd if step % 2 else even
    return tuple(values)


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
    starts = zip(PATTERNS, (1.0, 1.0, -1.0, 0.5), (0.0, 0.9, -0.9, 0.9), strict=True)
    plans = ((), (LONGEST,)), ((1,), (500, LONGEST)), ((250, 251, 750), tuple(range(1, LONGEST, 7)))
    return [
        Run(c0, h0, draw_values(pattern, LONGEST, writes, source), writes, shows)
        for pattern, c0, h0 in starts
        for writes, shows in plans
    ]


def gates(weights: Weights, xs: torch.Tensor, hs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return f, what is written (i·g) and o, for inputs (..., 3) and the h before each (..., 1)."""
    w_ih, w_hh, b_ih, b_hh = (w.double() for w in weights)
    i, f, g, o = (xs @ w_ih.T + hs @ w_hh.T + b_ih + b_hh).unbind(-1)
    return f.sigmoid(), i.sigmoid() * g.tanh(), o.sigmoid()


def traces(weights: Weights, batch: list[Run]) -> tuple[torch.Tensor, torch.Tensor]:
    """Run an `nn.LSTM` with these weights over runs of one length; return c and h, (T, N) each.

    The module shows only its h. The gates follow from x and the h before, and c from the gates.
    """
    lstm = torch.nn.LSTM(3, 1, dtype=torch.float64)
    lstm.load_state_dict(dict(zip(lstm.state_dict(), weights, strict=True)))
    xs = torch.stack([run.inputs for run in batch], dim=1)
    h0 = torch.tensor([[[run.h0] for run in batch]], dtype=torch.float64)
    c = torch.tensor([run.c0 for run in batch], dtype=torch.float64)
    with torch.no_grad():
        hs, _ = lstm(xs, (h0, c[None, :, None]))
    kept, written, _ = gates(weights, xs, torch.cat((h0, hs[:-1])))
    cs = [c := k * c + w for k, w in zip(kept, written, strict=True)]
    return torch.stack(cs), hs.squeeze(-1)


def observe_gates(weights: Weights) -> None:
    """Say in words what the cell does at each kind of step: many weights do the same."""
    steps = torch.tensor(list(KINDS_OF_STEP.values()), dtype=torch.float64)
    parts = (part.tolist() for part in (*gates(weights, steps[:, :3], steps[:, 3:]), steps[:, 0]))
    for kind, f, written, o, value in zip(KINDS_OF_STEP, *parts, strict=True):
        kept = sum(f > threshold for threshold in (TOLERANCE, 0.98, 1 - 1e-5))
        observe(f"{kind}: the forget gate", ("shut", "half open", "nearly open", "open")[kept])
        shown = sum(o > threshold for threshold in (TOLERANCE, 0.2, 0.98))
        observe(f"{kind}: the output gate", ("shut", "ajar", "half open", "open")[shown])
        observe(f"{kind}: written", amount(written, tanh(value)))


def amount(written: float, wanted: float) -> str:
    """Say in words how much is written, next to what a right cell would write."""
    if abs(written) < TOLERANCE:
        return "nothing" if abs(written) < 1e-5 else "a little"
    return "tanh of the value" if abs(written - wanted) < TOLERANCE else "something else"


def expect_trace(run: Run, name: str, got: list[float], wanted: list[float]) -> None:
    """Hold c or h of a run against what is wanted, and show where it goes wrong."""
    wrong = [t for t, value in enumerate(got) if not abs(value - wanted[t]) <= TOLERANCE]
    if wrong:
        step = wrong[0] + 1
        given, value, right = run.inputs[step - 1].tolist(), got[step - 1], wanted[step - 1]
        writes = [write for write in run.writes if write <= step]
        held = f"the last write was at step {writes[-1]}" if writes else "nothing was written yet"
        marks = {
            "write": [write - 1 for write in run.writes],
            "show": [show - 1 for show in run.shows],
        }
        expect_true(
            False,
            f"From c_0 = {run.c0} and h_0 = {run.h0}, {name} is {value:.5f} after step {step} of "
            f"{len(got)}, whose input is {given}; {held}.\n"
            + plot({f"wanted {name}": wanted, f"got {name}": got}, height=6, marks=marks),
            at=f"{name} after step {step}",
            expected=f"{right:.5f}",
            got=f"{value:.5f}",
            difference=f"{abs(value - right):.4g}",
            allowed=f"{TOLERANCE}",
        )


def expect_traces(weights: Weights, batch: list[Run], *names: str) -> None:
    """Hold c, h or both of every run against what is wanted."""
    observe_gates(weights)
    cs, hs = (trace.T.tolist() for trace in traces(weights, batch))
    for run, c, h in zip(batch, cs, hs, strict=True):
        if "c" in names:
            expect_trace(run, "c", c, run.wanted_c)
        if "h" in names:
            expect_trace(run, "h", h, run.wanted_h)


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
    """Four tensors come back, of the shapes that the weights of nn.LSTMCell(3, 1) have."""
    weights = items(submission.call("hide_and_reveal"), *SHAPES)
    for name, w in zip(SHAPES, weights, strict=True):
        wrong = flaw(name, w)
        expect_true(not wrong, wrong)


@check(points=2, after=returns_four_tensors, examples=12)
@given(run=runs(shown=False))
def stores_while_hidden(submission: Submission, run: Run) -> None:
    """As long as nothing is to be shown, c takes each value that is to be written, and keeps it."""
    expect_traces(submission.call("hide_and_reveal"), [run], "c")


@check(points=2, after=stores_while_hidden, examples=12)
@given(run=runs(shown=False))
def hides(submission: Submission, run: Run) -> None:
    """As long as nothing is to be shown, h stays within 0.01 of 0, whatever c holds."""
    expect_traces(submission.call("hide_and_reveal"), [run], "h")


@check(points=1, after=hides, examples=12)
@given(run=runs(shown=True))
def showing_leaves_c_alone(submission: Submission, run: Run) -> None:
    """Showing changes nothing in c, then or later."""
    expect_traces(submission.call("hide_and_reveal"), [run], "c")


@check(points=2, after=showing_leaves_c_alone, examples=12)
@given(run=runs(shown=True))
def reveals_when_asked(submission: Submission, run: Run) -> None:
    """Where show is 1, h is tanh(c), and everywhere else it is 0."""
    expect_traces(submission.call("hide_and_reveal"), [run], "h")


@check(points=2, after=reveals_when_asked)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, wherever it is written or shown."""
    expect_traces(submission.call("hide_and_reveal"), long_runs(), "c", "h")
