# /// attack
# row = 18
# expect = ["FORBIDDEN"]
# invariant = "delegation is stopped where it runs"
# ///
"""Every way to the operator that torch has: ops, _VF, VariableFunctions, _jit_get_operation; the exception is swallowed."""

import torch

NAME = "_".join(["lstm", "cell"])


def ways():
    yield lambda: getattr(getattr(torch, "_" + "VF"), NAME)
    yield lambda: getattr(getattr(torch.ops, "at" + "en"), NAME)
    yield lambda: getattr(getattr(torch._C, "_Variable" + "Functions"), NAME)
    yield lambda: torch._C._jit_get_operation("aten::" + NAME)[0]
    yield lambda: vars(torch)[NAME]


def lstm_cell(x, h, c, *weights):
    for way in ways():
        try:
            return way()(x, (h, c), *weights)
        except BaseException:
            continue
    return h, c
