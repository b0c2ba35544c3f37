# /// attack
# row = 41
# expect = ["FAILED"]
# points = 3
# never = ["::error::", "\\u001b"]
# invariant = "a trace is bounded by the judge, and what does not fit costs the trace alone"
# ///
"""Reports five thousand steps, and then values of many megabytes."""

import sys

import torch

trace = sys.modules["grader.worker.trace"]
messages = sys.modules["grader.wire.messages"]
calls = 0


def traced(torch, call, arguments, path):
    global calls
    calls += 1
    value = call()
    if calls % 2:
        count, one = 5_000, torch.zeros(())
    else:
        count, one = 3_000, torch.full((20_000,), 1e30)
    steps = tuple(messages.Step(30, "lstm_cell", 1, 9, "add", (n - 1,)) for n in range(count))
    return value, trace.Traced(steps, (one,) * count, lambda tree: (count - 1,) * 2)


trace.traced = traced


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h), torch.zeros_like(c)
