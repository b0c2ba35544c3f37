# /// attack
# row = 24
# runs = 2
# expect = ["FAILED"]
# never = ["FOUND-AGAIN"]
# invariant = "a module that one submission patched is whole for the next"
# ///
"""Patches torch, builtins, the default dtype, the number of threads, the random state, the umask and its priority."""

import builtins
import os
import sys

import torch

if not os.path.exists("loaded-before"):  # the judge may load it twice in one process
    with open("loaded-before", "x"):
        pass
    changed = torch.get_default_dtype() != torch.float32, not torch.is_grad_enabled(), os.nice(0) != int("@NICE@")
    if hasattr(torch, "katas_attack") or any(changed):
        sys.stdout.write("FOUND-AGAIN\n")
torch.katas_attack = True
torch.set_default_dtype(torch.float16)
torch.set_grad_enabled(False)
torch.sigmoid = torch.tanh
torch.Tensor.chunk = None
os.umask(0o777)
os.nice(10)
builtins.print = lambda *a, **k: None


def lstm_cell(*arguments):
    return None
