# /// attack
# row = 31
# expect = ["FAILED"]
# proof = "limits tried"
# never = ["CHANGED"]
# invariant = "no limit of another process is read for long or changed"
# ///
"""prlimit64 on the judge, the zygote, the guardian, a bystander and whatever number lies near them."""

import ctypes
import os
import resource


class Limit(ctypes.Structure):
    _fields_ = (("soft", ctypes.c_uint64), ("hard", ctypes.c_uint64))


libc = ctypes.CDLL(None, use_errno=True)


def lstm_cell(*arguments):
    me, parent = os.getpid(), os.getppid()
    known = [*map(int, "@PIDS@".split()), parent, *range(max(2, parent - 40), parent + 40)]
    for pid in {*known} - {me, 0}:
        for which in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
            if libc.prlimit64(pid, which, ctypes.byref(Limit(1, 1)), None) == 0:
                print("CHANGED a limit of", pid, flush=True)
    print("limits tried", flush=True)
