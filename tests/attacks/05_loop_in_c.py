# /// attack
# row = 5
# expect = ["TIMED_OUT"]
# invariant = "a deadline needs no cooperation"
# ///
"""A C call that never returns, with all signals blocked."""

import ctypes
import signal


def lstm_cell(*arguments):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    libc = ctypes.CDLL(None)
    while True:
        libc.pause()
