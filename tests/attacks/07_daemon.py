# /// attack
# row = 7
# expect = ["FAILED", "CRASHED"]
# invariant = "nothing outlives its grading"
# ///
"""A daemon: double fork, new session, descriptors closed, signals ignored, renamed; it waits to write later."""

import ctypes
import os
import signal
import time


def daemon():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    ctypes.CDLL(None).prctl(15, b"katas-attack", 0, 0, 0)
    os.closerange(0, 64)
    time.sleep(600)
    os._exit(0)


def lstm_cell(*arguments):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            daemon()
        os._exit(0)
    os.wait()
