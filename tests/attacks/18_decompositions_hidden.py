# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "torch's own Python recurrences are the library too, however they are found"
# ///
"""The same, found among all functions that are alive, by its code's name."""

import gc
import importlib
import sys
import types

import torch.nn.functional as F

load = getattr(importlib, "_".join(("import", "module")))
for name in ("decomp.decompositions", "refs.nn.functional"):
    try:
        load("torch._" + name)
    except BaseException:
        continue
NAME = "".join(("lstm", "_", "cell"))
step = next(
    f for f in gc.get_objects()
    if isinstance(f, types.FunctionType) and f.__name__ == NAME and f.__module__ != __name__ and f.__code__.co_argcount == 7
)


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return step(F.linear(x, w_ih, b_ih), h, c, w_hh, b_hh, None, 1)
