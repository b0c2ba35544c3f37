# /// attack
# row = 4
# expect = ["CRASHED"]
# invariant = "a dead worker earns nothing"
# ///
"""Reads address 0 through ctypes."""

import ctypes


def lstm_cell(*arguments):
    ctypes.string_at(0)
