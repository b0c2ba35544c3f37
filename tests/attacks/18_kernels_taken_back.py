# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "no object that is alive gives the guard's kernels up"
# ///
"""Resets and destroys every library of kernels that is alive, then delegates."""

import gc

import torch

for thing in gc.get_objects():
    if "ibrary" in type(thing).__name__ or "_dispatch" in type(thing).__name__:
        for name in ("_destroy", "reset"):
            try:
                getattr(thing, name)()
            except Exception:
                continue
        try:
            thing.m.reset()
        except Exception:
            continue


def lstm_cell(x, h, c, *weights):
    return getattr(torch, "_".join(("lstm", "cell")))(x, (h, c), *weights)
