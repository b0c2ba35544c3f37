# /// attack
# row = 4
# expect = ["CRASHED", "TIMED_OUT"]
# points = 2
# invariant = "what was right before the crash counts, what comes after does not"
# ///
"""Answers the first check honestly with zeros of the right shape, then kills itself with signals of all kinds."""

import ctypes
import os

import torch

calls = 0


def lstm_cell(x, h, c, *weights):
    global calls
    calls += 1
    if calls > 32:
        for number in range(1, 32):
            os.kill(os.getpid(), number)
        ctypes.memset(ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "Py_FrozenFlag")) & ~4095, 255, 1 << 22)
    return torch.zeros_like(h), torch.zeros_like(c)
