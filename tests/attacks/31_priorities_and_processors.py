# /// attack
# row = 31
# expect = ["FAILED"]
# proof = "priorities tried"
# never = ["CHANGED"]
# invariant = "no priority, scheduler, processor or turn at the disk of another process is changed"
# ///
"""setpriority, sched_set*, ioprio_set on processes, their group and their user; by number where libc has no name."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
IOPRIO_SET, SCHED_SETATTR = (251, 314) if platform.machine() == "x86_64" else (30, 274)
IDLE = 3 << 13


def tried(name, pid, act):
    try:
        act()
    except (OSError, ZeroDivisionError):
        return
    print("CHANGED", name, "of", pid, flush=True)


def lstm_cell(*arguments):
    me, parent = os.getpid(), os.getppid()
    known = [*map(int, "@PIDS@".split()), parent, *range(max(2, parent - 40), parent + 40)]
    for pid in {*known} - {me, 0}:
        tried("priority", pid, lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
        tried("priority of the group", pid, lambda: os.setpriority(os.PRIO_PGRP, pid, 19))
        tried("processors", pid, lambda: os.sched_setaffinity(pid, {0}))
        tried("scheduler", pid, lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))
        tried("turn", pid, lambda: 1 / (libc.syscall(IOPRIO_SET, 1, pid, IDLE) == 0))
        attributes = (ctypes.c_uint32 * 12)(48, 5)  # SCHED_IDLE
        tried("attributes", pid, lambda: 1 / (libc.syscall(SCHED_SETATTR, pid, attributes, 0) == 0))
    for act in (  # everybody of this user: what is changed is seen from outside
        lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
        lambda: libc.syscall(IOPRIO_SET, 3, os.getuid(), IDLE),
    ):
        try:
            act()
        except OSError:
            continue
    print("priorities tried", flush=True)
