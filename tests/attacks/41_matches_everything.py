# /// attack
# row = 41
# expect = ["FAILED"]
# points = 3
# never = ["::error::", "\\u001b"]
# invariant = "a trace changes no status and no point, whatever it claims"
# ///
"""Reports the inputs, their sums and products, nan and infinity as the values of every step."""

import sys

import torch

trace = sys.modules["grader.worker.trace"]
messages = sys.modules["grader.wire.messages"]


def traced(torch, call, arguments, path):
    x, h, c, w_ih, w_hh, b_ih, b_hh = arguments[0]
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.detach().chunk(4, dim=1)
    found = [x, h, c, gates, i, f, g, o, i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()]
    found += [torch.full_like(c, float(n)) for n in ("nan", "inf", "-inf", "0")]
    values = tuple(value.detach().clone() for value in found)
    steps = tuple(messages.Step(35, "lstm_cell", 1, 30, "mul", (-1, -2)) for _ in values)
    return call(), trace.Traced(steps, values, lambda tree: (12, 12))


trace.traced = traced


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h), torch.zeros_like(c)
