# /// attack
# row = 11
# expect = ["FAILED", "CRASHED", "TIMED_OUT"]
# invariant = "a signal handler runs in the worker"
# ///
"""An interval timer whose handler rewrites the caller's variables: the request, the reply, the codec's buffer."""

import signal
import sys


def handler(number, frame):
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if name in ("reply", "request", "value", "parts"):
                try:
                    object.__setattr__(value, "kind", "passed")
                except (AttributeError, TypeError):
                    pass
        frame = frame.f_back


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)


def lstm_cell(*arguments):
    return {"status": "PASSED"}
