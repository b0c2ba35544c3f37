# /// attack
# row = 6
# expect = ["FAILED", "TIMED_OUT"]
# points = 2
# invariant = "the judge keeps no heap of the wrong answers that it was given"
# ///
"""Zeros until the first check is over; then the largest answer that can be sent, again and again while the judge looks for a smaller case."""

import torch

calls = 0
GIANT = torch.zeros(7 << 20, dtype=torch.uint8)


def lstm_cell(x, h, c, *weights):
    global calls
    calls += 1
    return (torch.zeros_like(h), torch.zeros_like(c)) if calls <= 32 else (GIANT, c)
