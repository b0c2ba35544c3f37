# /// attack
# row = 24
# runs = 2
# expect = ["FAILED"]
# proof = "kept"
# never = ["FOUND-AGAIN"]
# invariant = "no segment, queue, semaphore, key or lock of one submission is there for the next"
# ///
"""System V segments, queues and semaphores, POSIX queues, keyrings and abstract sockets."""

import ctypes
import errno
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
KEY = 0x6B617461
KINDS = {
    "segment": lambda flag: libc.shmget(KEY, 4096, flag | 0o666),
    "queue": lambda flag: libc.msgget(KEY, flag | 0o666),
    "semaphore": lambda flag: libc.semget(KEY, 1, flag | 0o666),
    "posix queue": lambda flag: libc.mq_open(b"/katas-attack", flag and (os.O_CREAT | os.O_RDWR), 0o666, None),
    "key": lambda flag: libc.syscall(248, b"user", b"katas", b"attack", 6, -4) if flag else libc.syscall(249, b"user", b"katas", None, 0),
}

if not os.path.exists("loaded-before"):  # the judge may load it twice in one process
    with open("loaded-before", "x"):
        pass
    kept = []
    for name, get in KINDS.items():
        if get(0) >= 0:
            print("FOUND-AGAIN", name)
        if get(0o1000) >= 0:
            kept.append(name)
    try:
        server = socket.socket(socket.AF_UNIX)
        server.bind("\0katas-attack")
        kept.append("abstract socket")
    except OSError as error:
        print("FOUND-AGAIN abstract socket" if error.errno == errno.EADDRINUSE else error)
    print("kept", kept)


def lstm_cell(*arguments):
    return None
