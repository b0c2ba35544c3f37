# /// attack
# row = 8
# expect = ["FAILED"]
# invariant = "names of types, functions and warnings are text like any other"
# ///
"""Escape sequences in the name of a type that stays in the worker, of a function in the traceback, and in source lines."""

NAME = "\x1b[2J\x1b]0;owned\x07\r\n13 of 13 points\n" + "A" * 100_000


def lstm_cell(*arguments):
    return type(NAME, (), {})(), type(NAME, (), {})()  # ‮ evil ‬
