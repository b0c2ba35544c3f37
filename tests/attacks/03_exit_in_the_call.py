# /// attack
# row = 3
# expect = ["CRASHED"]
# invariant = "a process that ends with 0 has not passed"
# ///
"""os._exit(0) in the call."""

import os


def lstm_cell(*arguments):
    print("13 passed", flush=True)
    os._exit(0)
