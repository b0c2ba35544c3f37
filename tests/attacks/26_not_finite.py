# /// attack
# row = 26
# expect = ["FAILED"]
# invariant = "NaN is not equal to anything that is finite"
# ///
"""NaN, infinity, and infinity of the right sign, so that a difference would be NaN."""

import torch

calls = 0


def lstm_cell(x, h, c, *weights):
    global calls
    calls += 1
    bad = (float("nan"), float("inf"), float("-inf"), -0.0)[calls % 3]
    return torch.full_like(h, bad), torch.full_like(c, bad)
