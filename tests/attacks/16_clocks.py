# /// attack
# row = 16
# expect = ["TIMED_OUT"]
# invariant = "the judge looks at its own clock"
# ///
"""Stops every clock of Python's, lifts every limit, cancels timers, then never returns."""

import resource
import signal
import sys
import threading
import time

for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "time_ns", "monotonic_ns"):
    setattr(time, name, lambda: 0.0)
time.sleep = lambda seconds: None
signal.setitimer(signal.ITIMER_REAL, 0)
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print("lifted", name)
        except (OSError, ValueError):
            continue
resource.setrlimit = lambda *args: None


def lstm_cell(*arguments):
    while True:
        time.sleep(1)
