# /// attack
# row = 32
# expect = ["FAILED"]
# proof = "numbers tried"
# invariant = "the newest and the oldest system calls for metadata are refused as well"
# ///
"""fchmodat2, setxattrat, utimensat, futimesat and file_setattr by their numbers; FS_IOC_SETFLAGS and truncation."""

import ctypes
import fcntl
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
HERE = -100
OLD = {"chmod": 90, "chown": 92, "lchown": 94, "utime": 132, "utimes": 235, "futimesat": 261} if platform.machine() == "x86_64" else {}


def lstm_cell(*arguments):
    for text in ["@ARENA@", *"@PATHS@".split(":")]:
        path = text.encode()
        libc.syscall(452, HERE, path, 0, 0)  # fchmodat2
        arguments = (ctypes.c_uint64 * 2)(0, 0)
        libc.syscall(463, HERE, path, 0, b"user.katas", arguments, 16)  # setxattrat
        libc.syscall(469, HERE, path, (ctypes.c_uint64 * 3)(0x10), 24, 0)  # file_setattr
        libc.truncate(path, 0)
        times = (ctypes.c_int64 * 4)()
        libc.utimensat(HERE, path, times, 0)
        for name, number in OLD.items():
            if "chown" in name:
                libc.syscall(number, path, 65534, 65534)
            elif name == "futimesat":
                libc.syscall(number, HERE, path, times)
            else:
                libc.syscall(number, path, times if "utime" in name else 0)
        try:
            descriptor = os.open(text, os.O_RDONLY)
            fcntl.ioctl(descriptor, 0x40086602, (0x10).to_bytes(8, "little"))  # immutable
        except OSError:
            continue
    print("numbers tried", flush=True)
