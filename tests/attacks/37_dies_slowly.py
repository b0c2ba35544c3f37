# /// attack
# row = 37
# expect = ["TIMED_OUT", "CRASHED", "FAILED"]
# invariant = "a submission that ends its worker again and again has one budget for all of them"
# ///
"""Waits nearly as long as it may, then ends its worker, so that each check needs a new one."""

import os
import time


def lstm_cell(*arguments):
    time.sleep(1.2)
    os._exit(0)
