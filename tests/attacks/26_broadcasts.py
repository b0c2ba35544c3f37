# /// attack
# row = 26
# expect = ["FAILED"]
# invariant = "shape and dtype are compared first"
# ///
"""Shapes that broadcast to the right one, and expanded views of one number."""

import torch


def lstm_cell(x, h, c, *weights):
    return torch.zeros(1, 1, dtype=h.dtype), torch.zeros((), dtype=c.dtype).expand(1, 1, *c.shape)
