# /// attack
# row = 5
# expect = ["TIMED_OUT"]
# invariant = "a C call that holds the interpreter's lock is ended too"
# ///
"""Catastrophic backtracking: one C call that holds the lock for years."""

import re


def lstm_cell(*arguments):
    return re.match(r"(a+)+$", "a" * 64 + "b")
