# /// attack
# row = 37
# expect = ["TIMED_OUT"]
# invariant = "a submission's clock is its own: what it takes, nobody else has less of"
# ///
"""Slow at import, again whenever it is loaded anew, and in every call a little less than one may take."""

import time

time.sleep(1.5)


def lstm_cell(x, h, c, *weights):
    time.sleep(1.2)
    return h * 0, c * 0
