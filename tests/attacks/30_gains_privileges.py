# /// attack
# row = 30
# expect = ["FAILED", "CRASHED"]
# proof = "privileges"
# never = ["CALL-WORKED"]
# invariant = "privileges are gone for good"
# ///
"""Becomes root by setuid, setresuid, capset, ambient capabilities, a set-uid program of its own, and lifts no_new_privs and seccomp."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
WHO = 0 if os.getuid() else 1  # root without capabilities cannot even become somebody else


def lstm_cell(*arguments):
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    tries = {
        "setuid": lambda: libc.setuid(WHO), "setresuid": lambda: libc.setresuid(WHO, WHO, WHO), "setgid": lambda: libc.setgid(WHO),
        "setgroups": lambda: libc.setgroups(1, (ctypes.c_int * 1)(WHO)), "capset": lambda: libc.capset(header, data),
        "ambient": lambda: libc.prctl(47, 2, 21, 0, 0), "no_new_privs": lambda: libc.prctl(38, 0, 0, 0, 0), "seccomp off": lambda: libc.prctl(22, 0, 0, 0, 0),
        "chown": lambda: libc.chown(b"/tmp", WHO, WHO), "mknod": lambda: libc.mknod(b"/tmp/disk", 0o060666, 0x0800), "dumpable root": lambda: libc.setfsuid(0) or -1,
    }
    for name, call in tries.items():
        if call() == 0:
            print("CALL-WORKED", name)
    print("privileges", os.getresuid(), os.getresgid(), len(tries), "tried")
