"""Checks of weights for one LSTM unit: the judge runs them in `nn.LSTM` and watches the gates.

The learner returns w_ih (4, I), w_hh (4, 1), b_ih (4,), b_hh (4,), float32 or float64, with I >= 2:
each input is a value and the flags that a kata names. H = 1.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from grader.checks.compare import expect_true, items
from grader.checks.hearing import observe
from grader.checks.strategies import Source
from grader.checks.textplot import plot

TOLERANCE = 0.01  # what the tasks allow in c and in h
LONGEST = 1000
PATTERNS = ("twos", "minus twos", "alternating", "random")
STARTS = ((1.0, 0.0), (1.0, 0.9), (-1.0, -0.9), (0.5, 0.9))  # c_0 and h_0 of long runs

Weights = tuple[Tensor, ...]  # w_ih (4, I), w_hh (4, 1), b_ih (4,), b_hh (4,)


@dataclass(frozen=True)
class Run(ABC):
    """One sequence: the first state and the values. A kata adds when its flags are up."""

    c0: float
    h0: float
    values: tuple[float, ...]  # (T,)

    @property
    @abstractmethod
    def flags(self) -> dict[str, tuple[int, ...]]:
        """At which steps, the first of which is 1, each flag is up; in the order of the inputs."""

    @property
    @abstractmethod
    def wanted(self) -> list[float]:
        """What c must be after each step, (T,)."""

    @abstractmethod
    def origin(self, step: int) -> str:
        """Say why c must hold what it must after a step."""

    @property
    def inputs(self) -> Tensor:
        """The inputs, (T, I), float64."""
        steps = range(1, len(self.values) + 1)
        flags = [[float(step in up) for step in steps] for up in self.flags.values()]
        return torch.tensor([self.values, *flags], dtype=torch.float64).T


def draw_values(
    pattern: str, steps: int, writes: tuple[int, ...], source: Source
) -> tuple[float, ...]:
    """Return random values to write, and between them what pushes a leak the furthest.

    Args:
        pattern: one of `PATTERNS`.
        steps: how many.
        writes: the steps, the first of which is 1, whose value is written.
        source: of random values, from -2 to 2.
    """
    values: list[float] = source.uniform(steps, low=-2.0, high=2.0).tolist()
    odd, even = {"twos": (2.0, 2.0), "minus twos": (-2.0, -2.0)}.get(pattern, (2.0, -2.0))
    for step in range(1, steps + 1):
        if step not in writes and pattern != "random":
            values[step - 1] = odd if step % 2 else even
    return tuple(values)


def gates(weights: Weights, xs: Tensor, hs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return f, what is written (i·g) and o, (...) each, float64.

    Args:
        weights: the learner's.
        xs: inputs, (..., I), float64.
        hs: the h before each, (..., 1), float64.
    """
    w_ih, w_hh, b_ih, b_hh = (w.double() for w in weights)
    i, f, g, o = (xs @ w_ih.T + hs @ w_hh.T + b_ih + b_hh).unbind(-1)
    return f.sigmoid(), i.sigmoid() * g.tanh(), o.sigmoid()


def traces(weights: Weights, batch: Sequence[Run]) -> tuple[Tensor, Tensor]:
    """Run an `nn.LSTM` with these weights; return c and h at each step, (T, N) each, float64.

    The module shows only its h. The gates follow from x and the h before, and c from the gates.

    Args:
        weights: the learner's.
        batch: N runs of one length T.
    """
    xs = torch.stack([run.inputs for run in batch], dim=1)
    lstm = torch.nn.LSTM(xs.shape[-1], 1, dtype=torch.float64)
    lstm.load_state_dict(dict(zip(lstm.state_dict(), weights, strict=True)))
    h0 = torch.tensor([[[run.h0] for run in batch]], dtype=torch.float64)
    c = torch.tensor([run.c0 for run in batch], dtype=torch.float64)
    with torch.no_grad():
        hs, _ = lstm(xs, (h0, c[None, :, None]))
    kept, written, _ = gates(weights, xs, torch.cat((h0, hs[:-1])))
    cs = [c := k * c + w for k, w in zip(kept, written, strict=True)]
    return torch.stack(cs), hs.squeeze(-1)


def observe_gates(
    weights: Weights,
    kinds: Mapping[str, Sequence[float]],
    amount: Callable[[float, float], str],
    *,
    output: bool = False,
) -> None:
    """Say in words what the cell does at each kind of step: many weights do the same.

    Args:
        weights: the learner's.
        kinds: the input and the h before, I + 1 numbers, by name.
        amount: says in words how much is written; its arguments are that and the value.
        output: whether to say what the output gate does.
    """
    steps = torch.tensor(list(kinds.values()), dtype=torch.float64)
    parts = (*gates(weights, steps[:, :-1], steps[:, -1:]), steps[:, 0])
    for kind, f, written, o, value in zip(kinds, *(part.tolist() for part in parts), strict=True):
        kept = sum(f > threshold for threshold in (TOLERANCE, 0.98, 1 - 1e-5))
        observe(f"{kind}: the forget gate", ("shut", "half open", "nearly open", "open")[kept])
        if output:
            shown = sum(o > threshold for threshold in (TOLERANCE, 0.2, 0.98))
            observe(f"{kind}: the output gate", ("shut", "ajar", "half open", "open")[shown])
        observe(f"{kind}: written", amount(written, value))


def expect_trace(
    run: Run,
    name: str,
    got: Sequence[float],
    wanted: Sequence[float],
    *,
    curves: tuple[str, str] = ("wanted", "got"),
    height: int = 7,
) -> None:
    """Hold c or h of a run against what is wanted, and show where it first goes wrong.

    Args:
        run: which one.
        name: `c` or `h`.
        got: its value after each step, (T,).
        wanted: what it must be, (T,).
        curves: what the plot calls the two.
        height: of the plot, in lines.
    """
    wrong = [t for t, value in enumerate(got) if not abs(value - wanted[t]) <= TOLERANCE]
    if wrong:
        step = wrong[0] + 1
        given, value, right = run.inputs[step - 1].tolist(), got[step - 1], wanted[step - 1]
        marks = {flag: [up - 1 for up in steps] for flag, steps in run.flags.items()}
        series = dict(zip(curves, (wanted, got), strict=True))
        expect_true(
            False,
            f"From c_0 = {run.c0} and h_0 = {run.h0}, {name} is {value:.5f} after step {step} of "
            f"{len(got)}, whose input is {given}; {run.origin(step)}.\n"
            + plot(series, height=height, marks=marks),
            at=f"{name} after step {step}",
            expected=f"{right:.5f}",
            got=f"{value:.5f}",
            difference=f"{abs(value - right):.4g}",
            allowed=f"{TOLERANCE}",
        )


def expect_memory(weights: Weights, batch: Sequence[Run]) -> None:
    """Hold c of runs of one length against what is wanted; the first one to go wrong is shown."""
    for run, got in zip(batch, traces(weights, batch)[0].T.tolist(), strict=True):
        expect_trace(run, "c", got, run.wanted)


def flaw(name: str, w: object, shape: tuple[int, ...]) -> str:
    """Return what is wrong with one of the four weights, or nothing."""
    if not isinstance(w, Tensor):
        return f"{name} is {type(w).__name__}, expected a tensor."
    observe(name, f"{w.dtype.is_floating_point} {tuple(w.shape)}")
    if w.dtype not in (torch.float32, torch.float64):
        return f"{name} has {w.dtype}, expected torch.float32 or torch.float64."
    if tuple(w.shape) != shape:
        return f"{name} has shape {tuple(w.shape)}, expected {shape}."
    return "" if bool(w.isfinite().all()) else f"{name} is not finite everywhere."


def expect_weights(answer: object, *, inputs: int) -> None:
    """Hold an answer to be four finite tensors of the shapes for I = `inputs`."""
    shapes = {"w_ih": (4, inputs), "w_hh": (4, 1), "b_ih": (4,), "b_hh": (4,)}
    for (name, shape), w in zip(shapes.items(), items(answer, *shapes), strict=True):
        wrong = flaw(name, w, shape)
        expect_true(not wrong, wrong)
