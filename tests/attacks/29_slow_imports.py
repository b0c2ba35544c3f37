# /// attack
# row = 29
# expect = ["CRASHED", "TIMED_OUT", "FAILED"]
# invariant = "each new worker's import counts in the same budget"
# ///
"""A slow import, again for each check, as every call ends the worker."""

import os
import time

time.sleep(1.0)


def lstm_cell(x, h, c, *weights):
    os._exit(1)
