# /// attack
# row = 3
# expect = ["CRASHED", "FAILED"]
# invariant = "a thread that ends the process ends only its own check"
# ///
"""A thread ends the process with 0 a moment after the first answer."""

import os
import threading


def lstm_cell(x, h, c, *weights):
    threading.Timer(0.005, os._exit, (0,)).start()
    return None
