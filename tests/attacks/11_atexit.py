# /// attack
# row = 11
# expect = ["FAILED", "CRASHED"]
# invariant = "there is no result in the worker to rewrite"
# ///
"""atexit, threading's exit hooks, excepthooks and a finalizer that print a report and leave with 0."""

import atexit
import os
import sys
import threading
import weakref


def win(*args):
    print('{"status": "PASSED"}', flush=True)
    os._exit(0)


class Anchor:
    pass


anchor = Anchor()
weakref.finalize(anchor, win)
atexit.register(win)
threading._register_atexit(win)
sys.excepthook = threading.excepthook = sys.unraisablehook = win


def lstm_cell(*arguments):
    raise ValueError("look at my hooks")
