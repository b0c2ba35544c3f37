# /// attack
# row = 1
# expect = ["FAILED", "CRASHED"]
# points = 3
# invariant = "a tensor subclass is its numbers; zeros earn what zeros earn"
# ///
"""Subclasses of Tensor that override every protocol by which they could be read or compared."""

import torch


class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name in ("equal", "allclose", "isclose", "eq", "__eq__", "all", "is_same_size"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def numpy(self, *args, **kwargs):
        raise SystemExit(0)

    def tolist(self):
        return [float("nan")]

    def __reduce_ex__(self, protocol):
        return (exec, ("raise SystemExit(0)",))


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h).as_subclass(Lying), torch.zeros_like(c).as_subclass(Lying)
