# /// attack
# row = 6
# expect = ["OUT_OF_MEMORY"]
# invariant = "memory is bounded"
# ///
"""One allocation of a terabyte."""

import torch


def lstm_cell(x, h, c, *weights):
    return torch.ones(1 << 37), c
