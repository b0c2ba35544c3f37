# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "the guard cannot be lifted by what is within reach of Python"
# ///
"""Finds the guard's library, hook and list, and takes them away, then delegates."""

import gc
import sys

import torch

for thing in gc.get_objects():
    if isinstance(thing, torch.library.Library):
        try:
            thing._destroy()
        except Exception:
            pass
for name, module in list(sys.modules.items()):
    if name.endswith("forbidden"):
        for value in list(vars(module).values()):
            if isinstance(value, list):
                value.clear()
sys.meta_path[:] = [finder for finder in sys.meta_path if "efuse" not in type(finder).__name__]
gc.collect()
NAME = "_".join(("lstm", "cell"))


def lstm_cell(x, h, c, *weights):
    for name, module in list(sys.modules.items()):
        if name.endswith("forbidden"):
            module.__dict__.setdefault("used", []).clear()
    for owner in (getattr(torch.ops, "at" + str("en")), getattr(torch._C, "_Variable" + str("Functions"))):
        try:
            return getattr(owner, NAME)(x, (h, c), *weights)
        except BaseException:
            continue
        finally:
            for name, module in list(sys.modules.items()):
                if name.endswith("forbidden"):
                    module.__dict__.setdefault("used", []).clear()
