# /// attack
# row = 29
# expect = ["TIMED_OUT"]
# invariant = "a kata has one budget of time, whatever each call may take"
# ///
"""Every call sleeps a little less than one call may take."""

import time


def lstm_cell(x, h, c, *weights):
    time.sleep(0.8)
    return h * 0, c * 0
