# /// attack
# row = 6
# expect = ["FAILED", "FLAKY", "TIMED_OUT"]
# points = 2
# invariant = "the judge keeps no heap of the wrong answers that it was given"
# ///
"""Zeros until the first check is over; then the largest answer that can be sent, again and again while the judge looks for a smaller case."""

import torch

calls = 0
GIANT = torch.zeros(3 << 20, dtype=torch.uint8)


def lstm_cell(x, h, c, *weights):
    global calls
    calls += 1
    if calls <= 32:
        return torch.zeros_like(h), torch.zeros_like(c)
    return GIANT.fill_(calls % 256), GIANT
