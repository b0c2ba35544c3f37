# /// attack
# row = 41
# expect = ["FAILED"]
# points = 3
# never = ["::error::", "\\u001b"]
# invariant = "a trace is data: what is shown of it is a line of the file that was handed in"
# ///
"""Reports steps at lines that are not there, with names that a terminal or a runner would obey."""

import sys

import torch

trace = sys.modules["grader.worker.trace"]
messages = sys.modules["grader.wire.messages"]
WORDS = ["\x1b[31mPASSED", "\n::error::owned", "\u202e", "x" * 500, ""]
PLACES = [0, -1, -(1 << 62), 1 << 62, 10**9, 27]


def traced(torch, call, arguments, path):
    value = call()
    steps, values = [], []
    for number in range(600):
        line, word = PLACES[number % len(PLACES)], WORDS[number % len(WORDS)]
        given = (number, number + 1, -number, 1 << 40, -(1 << 40))
        steps.append(messages.Step(line, word, line, -line, word, given))
        values.append(torch.randn(3))
    return value, trace.Traced(tuple(steps), tuple(values), lambda tree: (599, 598))


trace.traced = traced


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h), torch.zeros_like(c)
