"""Checks of `comparison_table` and `choose`: torch's layers, and limits at their edges."""

from collections.abc import Iterable
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Submission,
    check,
    expect,
    expect_call_changes_nothing,
    expect_error,
    expect_true,
    observe,
    sizes,
)
from grader.checks.counts import KINDS, LAYERS, layer, layer_sizes, parameter_count

COLUMNS = ("gates", "states", "blocks", "parameters", "multiply_adds")
TASKS = st.builds(
    lambda length, width, size: {
        "length": length,
        "width": width,
        "max_steps": 10 * length,
        "max_kept": 10 * length * width,
        "max_parameters": 100 * width**2,
        "difference": (size, 3 * size),
    },
    sizes(2, 50),
    sizes(1, 20),
    st.sampled_from([0.09, 0.02, 0.001, 1e-6]),
)
"""Tasks for which everything fits, and on which the LSTM scored better."""

Task = dict[str, Any]


def table_of(submission: Submission, case: dict[str, int]) -> dict[str, dict[str, int]]:
    """Ask for the table, and say what is missing in it."""
    table = submission["comparison_table"](*case.values())
    for kind in KINDS:
        complete = isinstance(table, dict) and isinstance(table.get(kind), dict)
        expect_true(complete, f"The table has no row {kind!r}: expected a dict of three dicts.")
        missing = [column for column in COLUMNS if column not in table[kind]]
        expect_true(not missing, f"The row {kind!r} has no column {', '.join(missing)}.")
    return table


@check(points=2, examples=4)
@given(case=layer_sizes(30))
def counts_gates_blocks_and_states(submission: Submission, case: dict[str, int]) -> None:
    """Gates, blocks and states are those of the three cells."""
    table = table_of(submission, case)
    for kind in KINDS:
        module = LAYERS[kind](**case)
        blocks = module.weight_ih_l0.shape[0] // module.hidden_size
        for column in ("gates", "blocks", "states"):
            observe(f"{column} of {kind}", str(table[kind][column]))
        # Each of the three cells has exactly one candidate.
        expect(table[kind]["gates"], blocks - 1, name=f"gates of {kind}")
        expect(table[kind]["blocks"], blocks, name=f"blocks of {kind}")
        _, state = module(torch.zeros(1, 1, module.input_size))
        states = len(state) if isinstance(state, tuple) else 1
        expect(table[kind]["states"], states, name=f"states of {kind}")


@check(points=1, examples=12)
@given(case=layer_sizes(30))
def counts_parameters(submission: Submission, case: dict[str, int]) -> None:
    """The numbers of parameters are those of torch's modules."""
    table = table_of(submission, case)
    for kind in KINDS:
        want = parameter_count(layer(kind, **case))
        observe(f"parameters of {kind}", str(table[kind]["parameters"]))
        expect(table[kind]["parameters"], want, name=f"parameters of {kind}")


@check(points=1, examples=12)
@given(case=layer_sizes(30))
def counts_multiply_adds(submission: Submission, case: dict[str, int]) -> None:
    """Each entry of each matrix costs one multiply-add per step."""
    table = table_of(submission, case)
    for kind in KINDS:
        want = parameter_count(layer(kind, **case), matrices_only=True)
        observe(f"multiply_adds of {kind}", str(table[kind]["multiply_adds"]))
        expect(table[kind]["multiply_adds"], want, name=f"multiply_adds of {kind}")


def expect_choice(submission: Submission, task: Task, want: str, reason: str) -> None:
    """Hold a choice against the rule. The message gives the whole task."""
    got = submission["choose"](task)
    expect_true(got == want, f"Expected {want!r}, got {got!r}: {reason}. The task: {task}")


def observe_choices(submission: Submission, choices: Iterable[tuple[str, Task]]) -> None:
    """Observe each choice, or the error: a rule with two mistakes is told by all of them."""
    choose = submission["choose"]
    for reason, task in choices:
        error = choose.error(task)
        observe(reason, error.type if error else str(choose(task))[:20])


@check(points=2, examples=20)
@given(task=TASKS)
def follows_the_measured_difference(submission: Submission, task: Task) -> None:
    """Where LSTM and GRU both fit, the interval of the difference decides."""
    low, high = task["difference"]
    length, width = 100 * task["width"], task["width"]
    long = {"length": length, "max_steps": 10 * length, "max_kept": 10 * length * width}
    expect_choice(submission, task | long, "lstm", "the length adds no parameters")
    for difference, want, reason in (
        ((low, high), "lstm", "the whole interval is above 0"),
        ((-high, -low), "gru", "the whole interval is below 0"),
        ((-low, high), "either", "the interval contains 0"),
        ((-high, low), "either", "the interval contains 0"),
        ((0.0, high), "either", "the interval touches 0"),
        ((-high, 0.0), "either", "the interval touches 0"),
        ((0.0, 0.0), "either", "the interval contains 0"),
        ((1e-12, 3e-12), "lstm", "the whole interval is above 0"),
        ((-3e-12, -1e-12), "gru", "the whole interval is below 0"),
    ):
        expect_choice(submission, task | {"difference": difference}, want, reason)


@check(points=2, after=(counts_parameters, follows_the_measured_difference), examples=10)
@given(task=TASKS)
def stays_within_the_limits(submission: Submission, task: Task) -> None:
    """A layer is chosen only if it fits. A layer that needs exactly the limit fits."""
    t, d, (low, high) = task["length"], task["width"], task["difference"]
    lstm, gru = (parameter_count(layer(kind, d, d)) for kind in ("lstm", "gru"))
    attention_fits, unclear = {"max_kept": 2 * t * d}, {"difference": (-high, high)}
    worse = {"difference": (-high, -low)}
    cases: list[tuple[Task, str, str]] = [
        ({"max_parameters": lstm - 1}, "gru", "the LSTM has one parameter too many"),
        ({"max_parameters": lstm - 1} | unclear, "gru", "only the GRU fits"),
        ({"max_parameters": lstm - 1} | worse, "gru", "only the GRU fits, and it scored better"),
        ({"max_kept": 2 * d}, "lstm", "an LSTM keeps 2 d numbers"),
        ({"max_kept": 2 * d - 1}, "gru", "an LSTM keeps 2 d numbers, which is too many here"),
        ({"max_kept": d}, "gru", "a GRU keeps d numbers"),
        ({"max_kept": d} | unclear, "gru", "only the GRU fits, whatever the difference is"),
        ({"max_parameters": lstm}, "lstm", "the LSTM has just as many parameters"),
        ({"max_parameters": gru}, "gru", "the GRU has just as many parameters"),
        ({"max_parameters": gru, "max_kept": d}, "gru", "the GRU just meets both limits"),
        ({"max_steps": t}, "lstm", "a recurrence needs T steps, one after the other"),
        ({"max_steps": 1} | unclear, "attention", "only attention fits, whatever the difference"),
        ({"max_steps": t - 1} | attention_fits, "attention", "a recurrence needs one step more"),
        (
            {"max_steps": 1, "max_parameters": 4 * d * (d + 1)} | attention_fits,
            "attention",
            "attention needs just as much as each limit allows",
        ),
        (
            {"max_parameters": gru - 1} | attention_fits,
            "attention",
            "LSTM and GRU have too many parameters",
        ),
    ]
    observe_choices(submission, ((reason, task | changes) for changes, _, reason in cases))
    for changes, want, reason in cases:
        expect_choice(submission, task | changes, want, reason)


@check(points=1, after=stays_within_the_limits, examples=10)
@given(task=TASKS)
def says_when_nothing_fits(submission: Submission, task: Task) -> None:
    """Limits that no layer fits raise ValueError."""
    t, d = task["length"], task["width"]
    attention = parameter_count(torch.nn.MultiheadAttention(d, 1, device="meta"))
    cases: list[tuple[Task, str]] = [
        (
            {"max_steps": t - 1, "max_kept": 2 * t * d - 1},
            "a recurrence needs one step more, and attention keeps one number more",
        ),
        (
            {"max_steps": t - 1, "max_kept": t * d - 1},
            "a recurrence needs one step more, and attention keeps twice as many numbers",
        ),
        ({"max_parameters": attention - 1}, "each layer has more parameters than max_parameters"),
        ({"max_parameters": 4 * d * d + d - 1}, "each of attention's four matrices has a bias"),
        ({"max_parameters": 4 * d * d - 1}, "the matrices of attention alone are too many"),
        ({"max_steps": 0}, "even attention needs one step"),
        ({"max_kept": d - 1}, "even a GRU keeps d numbers"),
    ]
    observe_choices(submission, ((reason, task | changes) for changes, reason in cases))
    for changes, reason in cases:
        when = f"{reason} (the task: {task | changes})"
        expect_error(submission["choose"], task | changes, type="ValueError", when=when)


@check(points=1, after=follows_the_measured_difference, examples=4)
@given(task=TASKS)
def leaves_inputs_unchanged(submission: Submission, task: Task) -> None:
    """A task is the same dict after the call."""
    t, d = task["length"], task["width"]
    for limits in ({}, {"max_kept": d}, {"max_steps": 1, "max_kept": 2 * t * d}):
        expect_call_changes_nothing(submission["choose"], {"task": task | limits})
