# /// attack
# row = 7
# expect = ["CRASHED", "TIMED_OUT", "FAILED"]
# invariant = "the worker is its first process; a child that holds its descriptors does not prolong it"
# ///
"""The worker ends, its child keeps the wire and the pipe for output open and answers for it, nonsense."""

import os
import time


def lstm_cell(*arguments):
    if os.fork() == 0:
        os.setsid()
        for _ in range(100):
            time.sleep(0.02)
            os.write(3, b"\0\0\0\1\0\0\0\0\0\0\0\0\xc0")
            os.write(1, b"still here\n")
        os._exit(0)
    os._exit(0)
