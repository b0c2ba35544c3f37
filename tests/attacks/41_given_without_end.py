# /// attack
# row = 41
# expect = ["FAILED"]
# points = 3
# patient = true
# invariant = "what a step was given is looked at once, however often it is claimed"
# ///
"""Reports one step that was given the same argument hundreds of thousands of times."""

import sys

import torch

trace = sys.modules["grader.worker.trace"]
messages = sys.modules["grader.wire.messages"]


def traced(torch, call, arguments, path):
    value = call()
    step = messages.Step(30, "lstm_cell", 1, 9, "add", (-1,) * 700_000)
    return value, trace.Traced((step,), (torch.full((7,), 12345.0),), lambda tree: (0, 0))


trace.traced = traced


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h) + 3, torch.zeros_like(c)
