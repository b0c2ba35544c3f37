# /// attack
# row = 15
# expect = ["FAILED", "CRASHED"]
# points = 3
# invariant = "the worker's own code may be rewritten: it decides nothing"
# ///
"""Rewrites the worker: its module, codec, status names, the guard's list of what was used, the classes of the wire."""

import gc
import sys
import types

import torch

for module in list(sys.modules.values()):
    name = getattr(module, "__name__", "")
    if name.startswith(("grader", "msgspec")):
        for key, value in list(vars(module).items()):
            if isinstance(value, list):
                try:
                    value.clear()
                except Exception:
                    pass
            elif isinstance(value, str) and value in ("exception", "forbidden", "FAILED"):
                setattr(module, key, "PASSED")
for thing in gc.get_objects():
    if isinstance(thing, type) and thing.__name__ in ("Raised", "Answer"):
        try:
            thing.status = "PASSED"
            thing.__eq__ = lambda self, other: True
        except (AttributeError, TypeError):
            pass


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h), torch.zeros_like(c)
