# /// attack
# row = 21
# expect = ["FAILED", "FLAKY"]
# points = 3
# invariant = "no right answer was ever in the worker's memory"
# ///
"""Returns uninitialised memory of the right shape, hoping that the right answer lay there."""

import torch


def lstm_cell(x, h, c, *weights):
    torch.rand(h.shape), torch.rand(c.shape)
    return torch.empty_like(h), torch.empty_like(c)
