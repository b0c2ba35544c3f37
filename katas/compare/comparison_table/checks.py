"""Checks of `comparison_table` and `choose`: torch's cells, and the limits at their exact edges."""

from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Submission, check, expect, expect_true, sizes

CELLS = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
COLUMNS = ("gates", "states", "blocks", "parameters", "multiply_adds")


@dataclass(frozen=True)
class Sizes:
    """The sizes of a layer; I and H differ."""

    input_size: int
    hidden_size: int

    def cell(self, kind: str) -> torch.nn.Module:
        """Build torch's cell of these sizes."""
        return CELLS[kind](self.input_size, self.hidden_size, device="meta")


@dataclass(frozen=True)
class Setting:
    """A task's sizes, and how large a measured difference is, in hundredths."""

    length: int
    width: int
    hundredths: int

    @property
    def parameters(self) -> dict[str, int]:
        """Count the parameters of one layer of each kind, with torch's own modules."""
        d = self.width
        modules = {
            "lstm": torch.nn.LSTMCell(d, d, device="meta"),
            "gru": torch.nn.GRUCell(d, d, device="meta"),
            "attention": torch.nn.MultiheadAttention(d, 1, device="meta"),
        }
        return {name: count(module) for name, module in modules.items()}

    def interval(self, low: int, high: int) -> tuple[float, float]:
        """Scale an interval."""
        return low * self.hundredths / 100, high * self.hundredths / 100

    def task(self, **changes: Any) -> dict[str, Any]:
        """Make a task in which everything fits and the LSTM scored better, with changes."""
        roomy = {
            "length": self.length,
            "width": self.width,
            "max_steps": 10 * self.length,
            "max_kept": 10 * self.length * self.width,
            "max_parameters": 100 * self.width**2,
            "difference": self.interval(1, 3),
        }
        return roomy | changes


def count(module: torch.nn.Module, *, matrices_only: bool = False) -> int:
    """Count a module's parameters."""
    return sum(p.numel() for p in module.parameters() if p.ndim == 2 or not matrices_only)


@st.composite
def layers(draw) -> Sizes:
    """Sizes of one layer."""
    hidden_size = draw(sizes(1, 30))
    return Sizes(draw(sizes(1, 30).filter(lambda size: size != hidden_size)), hidden_size)


settings = st.builds(Setting, length=sizes(2, 50), width=sizes(1, 20), hundredths=sizes(1, 9))


def table_of(submission: Submission, case: Sizes) -> dict[str, dict[str, int]]:
    """Ask for the table; say what is missing in it."""
    table = submission["comparison_table"](case.input_size, case.hidden_size)
    for kind in CELLS:
        complete = isinstance(table, dict) and isinstance(table.get(kind), dict)
        expect_true(complete, f"the table has no row {kind!r}: expected a dict of three dicts")
        missing = [column for column in COLUMNS if column not in table[kind]]
        expect_true(not missing, f"the row {kind!r} has no column {', '.join(missing)}")
    return table


@check(points=2, examples=4)
@given(case=layers())
def counts_gates_blocks_and_states(submission: Submission, case: Sizes) -> None:
    """Gates, blocks and states are those of the three cells."""
    table = table_of(submission, case)
    for kind in CELLS:
        cell = case.cell(kind)
        after_one_step = cell(torch.zeros(1, case.input_size, device="meta"))
        blocks = cell.weight_ih.shape[0] // case.hidden_size
        # Each of the three cells has exactly one candidate.
        expect(table[kind]["gates"], blocks - 1, name=f"gates of {kind}")
        expect(table[kind]["blocks"], blocks, name=f"blocks of {kind}")
        states = len(after_one_step) if isinstance(after_one_step, tuple) else 1
        expect(table[kind]["states"], states, name=f"states of {kind}")


@check(points=1, examples=12)
@given(case=layers())
def counts_parameters(submission: Submission, case: Sizes) -> None:
    """Parameters are those of torch's modules."""
    table = table_of(submission, case)
    for kind in CELLS:
        expect(table[kind]["parameters"], count(case.cell(kind)), name=f"parameters of {kind}")


@check(points=1, examples=12)
@given(case=layers())
def counts_multiply_adds(submission: Submission, case: Sizes) -> None:
    """Each entry of each matrix costs one multiply-add per step."""
    table = table_of(submission, case)
    for kind in CELLS:
        got = table[kind]["multiply_adds"]
        expect(got, count(case.cell(kind), matrices_only=True), name=f"multiply_adds of {kind}")


def expect_choice(submission: Submission, task: dict[str, Any], want: str, reason: str) -> None:
    """Ask for a choice and compare; the message gives the whole task."""
    got = submission["choose"](task)
    expect_true(got == want, f"expected {want!r}, got {got!r}: {reason}. The task: {task}")


@check(points=2, examples=8)
@given(setting=settings)
def follows_the_measured_difference(submission: Submission, setting: Setting) -> None:
    """Where LSTM and GRU both fit, the interval of the difference decides."""
    cases = [
        ((1, 3), "lstm", "the whole interval is above 0"),
        ((-3, -1), "gru", "the whole interval is below 0"),
        ((-1, 4), "either", "the interval contains 0"),
        ((-4, 1), "either", "the interval contains 0"),
        ((0, 3), "either", "the interval touches 0"),
        ((-3, 0), "either", "the interval touches 0"),
    ]
    for ends, want, reason in cases:
        task = setting.task(difference=setting.interval(*ends))
        expect_choice(submission, task, want, reason)


@check(points=2, after=(counts_parameters, follows_the_measured_difference), examples=10)
@given(setting=settings)
def stays_within_the_limits(submission: Submission, setting: Setting) -> None:
    """A layer is chosen only if it fits, and a limit that is just met is met."""
    t, d, parameters = setting.length, setting.width, setting.parameters
    attention_fits = {"max_kept": 2 * t * d}
    cases = [
        ({"max_kept": 2 * d}, "lstm", "an LSTM keeps 2 d numbers"),
        ({"max_kept": 2 * d - 1}, "gru", "an LSTM keeps 2 d numbers, which is too many here"),
        ({"max_kept": d}, "gru", "a GRU keeps d numbers"),
        ({"max_parameters": parameters["lstm"]}, "lstm", "the LSTM has just as many parameters"),
        ({"max_parameters": parameters["lstm"] - 1}, "gru", "the LSTM has one parameter too many"),
        ({"max_parameters": parameters["gru"]}, "gru", "the GRU has just as many parameters"),
        ({"max_steps": t}, "lstm", "a recurrence needs T steps, one after the other"),
        ({"max_steps": t - 1} | attention_fits, "attention", "a recurrence needs one step more"),
        (
            {"max_parameters": parameters["gru"] - 1} | attention_fits,
            "attention",
            "LSTM and GRU have too many parameters",
        ),
    ]
    for changes, want, reason in cases:
        expect_choice(submission, setting.task(**changes), want, reason)


@check(points=1, after=stays_within_the_limits, examples=10)
@given(setting=settings)
def says_when_nothing_fits(submission: Submission, setting: Setting) -> None:
    """Limits that nothing fits raise ValueError."""
    t, d = setting.length, setting.width
    cases = [
        (
            {"max_steps": t - 1, "max_kept": 2 * t * d - 1},
            "a recurrence needs one step more, and attention keeps one number more",
        ),
        (
            {"max_parameters": setting.parameters["attention"] - 1},
            "each layer has more parameters than that",
        ),
    ]
    for changes, reason in cases:
        task = setting.task(**changes)
        error = submission["choose"].error(task)
        got = "an answer came back" if error is None else f"got {error.type}"
        expect_true(
            error is not None and error.type == "ValueError",
            f"expected a ValueError, {got}: {reason}. The task: {task}",
        )
