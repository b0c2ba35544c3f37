# /// attack
# row = 2
# expect = ["FAILED"]
# points = 3
# invariant = "an attribute of an object cannot change what the judge computes"
# ///
"""Instance attributes that shadow the methods by which a grader would read a tensor (reference-kernels#161)."""

import torch


def lstm_cell(x, h, c, *weights):
    def armed(like):
        tensor = torch.zeros_like(like)
        for name in ("numpy", "allclose", "equal", "isclose", "sub", "__sub__", "item", "tolist"):
            setattr(tensor, name, lambda *a, **k: True)
        tensor.double = lambda: tensor
        return tensor

    return armed(h), armed(c)
