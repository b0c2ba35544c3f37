# /// attack
# row = 16
# expect = ["FAILED"]
# never = ["CLOCK-SET"]
# invariant = "no clock of the machine can be set"
# ///
"""Sets the machine's clock through every call that does, and its own priority and scheduling class."""

import ctypes
import os
import time


def lstm_cell(*arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    two = (ctypes.c_long * 2)(0, 0)
    calls = {
        "clock_settime": lambda: libc.clock_settime(0, two),
        "settimeofday": lambda: libc.settimeofday(two, None),
        "stime": lambda: libc.syscall(227, 0, two),
    }
    for name, call in calls.items():
        if call() == 0:
            print("CLOCK-SET", name)
    try:
        os.nice(-20)
        print("CLOCK-SET priority")
    except OSError:
        pass
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
        print("CLOCK-SET realtime")
    except OSError:
        pass
