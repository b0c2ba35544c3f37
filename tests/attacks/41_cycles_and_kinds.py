# /// attack
# row = 41
# expect = ["FAILED"]
# points = 3
# never = ["::error::", "\\u001b"]
# invariant = "steps that descend from themselves, and values that are no tensors, are thrown away"
# ///
"""Reports steps in circles, with values of every kind, and ends that are not there."""

import sys

import torch

trace = sys.modules["grader.worker.trace"]
messages = sys.modules["grader.wire.messages"]
ODD = [None, "text", 1, (1, 2), {"a": torch.ones(2)}, [[]], True, b"bytes", torch.tensor(True)]
ENDS = [(0, 1), (-5, 10**9), (), (3,) * 1000]
calls = 0


def traced(torch, call, arguments, path):
    global calls
    calls += 1
    odd = tuple(ODD) * 20
    steps = tuple(
        messages.Step(35, "f", 1, 2, "mul", (n, (n + 1) % len(odd), (n * 7) % len(odd)))
        for n in range(len(odd))
    )
    if calls % 3 == 0:
        odd = odd[:-1]
    ends = ENDS[calls % len(ENDS)]
    return call(), trace.Traced(steps, odd, lambda tree: ends)


trace.traced = traced


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h), torch.zeros_like(c)
