"""The worked example of the task: one table, and three choices."""

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """I = 3 and H = 5, then d = 64 and T = 500 under three limits."""
    table = submission["comparison_table"](3, 5)
    for kind, counts, parameters, multiply_adds in (
        ("rnn", "0 1 1", "50", "40"),
        ("lstm", "3 2 4", "200", "160"),
        ("gru", "2 1 3", "150", "120"),
    ):
        row = table[kind]
        given = [row["gates"], row["states"], row["blocks"]]
        worked(f"{kind}: gates, states, blocks", counts, given)
        worked(f"{kind}: parameters", parameters, row["parameters"])
        worked(f"{kind}: multiply_adds", multiply_adds, row["multiply_adds"])
    task = {"length": 500, "width": 64, "max_steps": 1_000, "max_parameters": 50_000}
    interval = (-0.004, 0.011)
    for what, expected, changes in (
        ("max_kept = 100", "gru", {"max_kept": 100}),
        ("max_kept = 200", "either", {"max_kept": 200}),
        ("max_steps = 100", "attention", {"max_kept": 64_000, "max_steps": 100}),
    ):
        worked(what, expected, submission["choose"]({**task, "difference": interval, **changes}))
