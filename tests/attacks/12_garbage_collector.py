# /// attack
# row = 12
# expect = ["FAILED"]
# points = 3
# proof = "objects seen"
# never = ["EXPECTED-FOUND"]
# invariant = "no expected value, seed, tolerance or check is in the worker's process"
# ///
"""Searches every live object for what a grader would hold: names of checks, seeds, references, tensors of the right shape."""

import gc
import sys

import torch

WORDS = ("expected", "oracle", "tolerance", "hypothesis", "counterexample", "misconception", "max_points")


def lstm_cell(x, h, c, *weights):
    known = [id(t) for t in (x, h, c, *weights)]
    seen = gc.get_objects()
    print("objects seen:", len(seen) > 1000)
    for thing in seen:
        if type(thing) is torch.Tensor and id(thing) not in known and thing.shape == h.shape:
            return thing, thing
        if type(thing) is dict and any(word in thing for word in WORDS) and "__name__" not in thing:
            print("EXPECTED-FOUND", [w for w in WORDS if w in thing], sorted(map(str, thing))[:20])
    for name in sys.modules:
        if name.startswith(("grader.", "hypothesis", "_pytest", "pytest")) and not name.startswith(("grader.worker", "grader.wire", "grader.errors")):
            print("EXPECTED-FOUND module", name)
    return torch.zeros_like(h), torch.zeros_like(c)
