# /// attack
# row = 15
# expect = ["FAILED", "CRASHED"]
# points = 3
# invariant = "the judge compares with its own torch"
# ///
"""Replaces everything in torch, NumPy and builtins that compares, and says that all is equal."""

import builtins

import numpy as np
import torch


def yes(*args, **kwargs):
    return True


for owner in (torch, torch.Tensor, torch.testing, np, np.testing):
    for name in ("allclose", "equal", "isclose", "eq", "assert_close", "array_equal", "assert_allclose", "all", "isfinite"):
        if hasattr(owner, name):
            try:
                setattr(owner, name, yes)
            except (AttributeError, TypeError):
                pass
builtins.all = builtins.any = builtins.isinstance = yes if False else builtins.any
builtins.abs = lambda value: 0
torch.Tensor.__eq__ = yes
torch.Tensor.__sub__ = torch.Tensor.sub = lambda a, b: a * 0


def lstm_cell(x, h, c, *weights):
    return torch.zeros(h.shape, dtype=h.dtype), torch.zeros(c.shape, dtype=c.dtype)
