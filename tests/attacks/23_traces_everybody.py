# /// attack
# row = 23
# expect = ["FAILED", "CRASHED"]
# proof = "traced"
# never = ["TRACED-ONE"]
# invariant = "no process can be traced or changed, siblings and one's own children included"
# ///
"""ptrace, pidfd_getfd, process_vm_writev, prlimit and sched calls on the judge, the zygote, siblings and a child."""

import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)


def lstm_cell(*arguments):
    pids = [1, 2, 3, os.getppid(), *map(int, "@PIDS@".split())]
    for pid in pids:
        for name, call in {
            "attach": lambda: libc.ptrace(16, pid, 0, 0),
            "seize": lambda: libc.ptrace(0x4206, pid, 0, 0),
            "pidfd": lambda: libc.syscall(438, libc.syscall(434, pid, 0), 0, 0) if pid != os.getpid() else -1,
            "write": lambda: libc.syscall(311, pid, 0, 0, 0, 0, 0) if pid != os.getpid() else -1,
        }.items():
            if call() >= 0:
                print("TRACED-ONE", name, pid)
        if pid not in (0, os.getpid()):
            try:
                resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
                print("TRACED-ONE prlimit", pid)
            except OSError:
                pass
    if libc.ptrace(0, 0, 0, 0) == 0:
        print("TRACED-ONE traceme")
    print("traced:", len(pids), "tried")
