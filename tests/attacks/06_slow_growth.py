# /// attack
# row = 6
# expect = ["OUT_OF_MEMORY", "TIMED_OUT"]
# invariant = "memory is bounded, however slowly it grows"
# ///
"""Grows without end, in Python objects."""


def lstm_cell(*arguments):
    held = []
    while True:
        held.append(bytes(1 << 20))
