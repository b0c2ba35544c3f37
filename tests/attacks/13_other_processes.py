# /// attack
# row = 13
# expect = ["FAILED"]
# proof = "processes"
# never = ["SECRET-FOUND"]
# level = "full"
# invariant = "other processes cannot be seen"
# ///
"""Mounted or not: looks for processes by their numbers, with kill 0, pidfd, getsid, sched, prlimit and process_vm_readv."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def lstm_cell(*arguments):
    own = os.getpid()
    seen = set()
    for pid in [*range(1, 3000), *map(int, "@PIDS@".split())]:
        if pid == own:
            continue
        for probe in (lambda p: os.kill(p, 0), os.getsid, os.sched_getaffinity, lambda p: os.pidfd_open(p)):
            try:
                probe(pid)
                seen.add(pid)
            except OSError:
                continue
    print("processes seen:", sorted(seen)[:20])
    if seen:
        print("SECRET-FOUND")
