# /// attack
# row = 5
# expect = ["FAILED", "CRASHED"]
# invariant = "nothing that runs at the end can hold the judge"
# ///
"""Loops at exit, in atexit, in a destructor of a module's global, in a thread that is no daemon, in SIGTERM's handler."""

import atexit
import signal
import threading
import time


def forever(*args):
    while True:
        time.sleep(0.01)


class Clings:
    def __del__(self):
        forever()


clings = Clings()
atexit.register(forever)
threading.Thread(target=forever, daemon=False).start()
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, forever)


def lstm_cell(*arguments):
    raise SystemExit(0)
