# /// attack
# row = 1
# expect = ["FAILED"]
# invariant = "the judge compares numbers that it rebuilt, never objects of the submission"
# ///
"""An object that says yes to everything: equal to all, true, convertible, with torch's protocols overridden."""

import numpy as np
import torch


class Yes:
    shape = torch.Size((3, 3))
    dtype = torch.float64
    ndim = 2

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __le__ = __lt__ = __ge__ = __gt__ = __contains__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self):
        return True

    def __float__(self):
        return 0.0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return self

    def __iter__(self):
        return iter((self, self))

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __array__(self, dtype=None, copy=None):
        return np.zeros((3, 3))

    def __sub__(self, other):
        return 0.0

    __rsub__ = __abs__ = __sub__

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

    __array_ufunc__ = __array_function__ = __torch_function__


def lstm_cell(*arguments):
    return Yes(), Yes()
