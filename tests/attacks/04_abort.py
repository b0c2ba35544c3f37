# /// attack
# row = 4
# expect = ["CRASHED"]
# invariant = "a dead worker earns nothing"
# ///
"""abort() with every signal blocked and ignored first."""

import os
import signal


def lstm_cell(*arguments):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    os.abort()
