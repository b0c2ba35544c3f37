# /// attack
# row = 20
# secret = true
# expect = ["FAILED"]
# points = 3
# invariant = "under a secret seed a student's copy shows no input, no expected value, and nothing that was printed"
# ///
"""Fails on purpose in the first comparison of values, to read expected values and inputs in the report."""

import torch


def lstm_cell(x, h, c, *weights):
    print("INPUT", x.flatten().tolist(), flush=True)
    return torch.zeros_like(h), torch.zeros_like(c)
