"""Checks of `forget_on_cue`: the judge runs the learner's weights and watches the memory."""

from dataclasses import dataclass

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, observe
from grader.compare import expect_true, items
from grader.strategies import Source, sizes, sources
from grader.textplot import plot

SHAPES = {"w_ih": (4, 2), "w_hh": (4, 1), "b_ih": (4,), "b_hh": (4,)}
PATTERNS = ("ones", "minus ones", "alternating", "random")
KINDS_OF_STEP = {  # value, cue
    "value 0": (0.0, 0.0),
    "value 1": (1.0, 0.0),
    "value -1": (-1.0, 0.0),
    "cue": (0.0, 1.0),
}
TOLERANCE = 0.01  # what the task allows in c
LONGEST = 1000

Weights = tuple[torch.Tensor, ...]  # w_ih (4, 2), w_hh (4, 1), b_ih (4,), b_hh (4,)


@dataclass(frozen=True)
class Run:
    """One sequence: what the memory holds at first, the values, and when a cue comes."""

    c0: float
    h0: float
    values: tuple[float, ...]  # (T,)
    cues: tuple[int, ...]  # steps, the first of which is 1

    @property
    def inputs(self) -> torch.Tensor:
        """The inputs, (T, 2)."""
        cue = [float(step in self.cues) for step in range(1, len(self.values) + 1)]
        return torch.tensor([self.values, cue], dtype=torch.float64).T

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
    starts = zip(PATTERNS, (1.0, 1.0, -1.0, 0.5), (0.0, 0.9, -0.9, 0.9), strict=True)
    return [
        Run(c0, h0, distractors(pattern, LONGEST, source), cues)
        for pattern, c0, h0 in starts
        for cues in ((), (1,), (500,), (250, 750, LONGEST))
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
    xs = torch.tensor(list(KINDS_OF_STEP.values()), dtype=torch.float64)
    parts = (part.tolist() for part in gates(weights, xs, torch.zeros(len(xs), 1).double()))
    for kind, f, written in zip(KINDS_OF_STEP, *parts, strict=True):
        kept = sum(f > threshold for threshold in (TOLERANCE, 0.98, 1 - 1e-5))
        observe(f"{kind}: the forget gate", ("shut", "half open", "nearly open", "open")[kept])
        much = sum(abs(written) > threshold for threshold in (1e-5, TOLERANCE))
        observe(f"{kind}: written", ("nothing", "a little", "much")[much])


def expect_memory(weights: Weights, batch: list[Run]) -> None:
    """Hold the memory of every run against what is wanted; the first one to go wrong is shown."""
    observe_gates(weights)
    for run, got in zip(batch, memory(weights, batch).T.tolist(), strict=True):
        wanted = run.wanted
        wrong = [t for t, c in enumerate(got) if not abs(c - wanted[t]) <= TOLERANCE]
        if wrong:
            step = wrong[0] + 1
            given, c, right = run.inputs[step - 1].tolist(), got[step - 1], wanted[step - 1]
            cues = {"cue": [cue - 1 for cue in run.cues]}
            expect_true(
                False,
                f"From c_0 = {run.c0} and h_0 = {run.h0}, c is {c:.5f} after step {step} of "
                f"{len(got)}, whose input is {given}; {run.origin(step)}.\n"
                + plot({"wanted": wanted, "got": got}, height=7, marks=cues),
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
    weights = items(submission.call("forget_on_cue"), *SHAPES)
    for name, w in zip(SHAPES, weights, strict=True):
        wrong = flaw(name, w)
        expect_true(not wrong, wrong)


@check(points=2, after=returns_four_tensors, examples=15)
@given(run=runs(silent=True))
def keeps_in_silence(submission: Submission, run: Run) -> None:
    """As long as the input is (0, 0), c stays within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission.call("forget_on_cue"), [run])


@check(points=2, after=keeps_in_silence, examples=15)
@given(run=runs())
def ignores_values(submission: Submission, run: Run) -> None:
    """Values from -1 to 1 without a cue leave c within 0.01 of c_0, up to 20 steps."""
    expect_memory(submission.call("forget_on_cue"), [run])


@check(points=2, after=ignores_values, examples=15)
@given(run=runs(cued=True))
def erases_at_the_cue(submission: Submission, run: Run) -> None:
    """At the first cue c goes to 0, within 0.01, and stays there whatever follows."""
    expect_memory(submission.call("forget_on_cue"), [run])


@check(points=3, after=erases_at_the_cue)
def lasts_for_a_thousand_steps(submission: Submission) -> None:
    """All of this holds over 1,000 steps of the worst values, with a cue early, late or never."""
    expect_memory(submission.call("forget_on_cue"), long_runs())
