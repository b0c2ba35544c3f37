# /// attack
# row = 33
# runs = 2
# expect = ["FAILED"]
# proof = "left what may be left"
# never = ["FOUND-AGAIN"]
# invariant = "no message queue, shared memory or named semaphore outlives a submission"
# ///
"""Leaves a message in a POSIX queue, a file in /dev/shm and a named semaphore, and looks for those of its earlier run."""

import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
NAME = b"/katas-attack"


def queue():
    descriptor = libc.mq_open(NAME, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o666, None)
    if descriptor < 0:
        return
    buffer = ctypes.create_string_buffer(8192)
    if libc.mq_receive(descriptor, buffer, 8192, None) > 0:
        print("FOUND-AGAIN a message:", buffer.value)
    libc.mq_send(descriptor, b"left", 4, 0)


def memory():
    try:
        segment = shared_memory.SharedMemory("katas-attack-shared", create=True, size=64)
    except FileExistsError:
        print("FOUND-AGAIN a segment")
        return
    except OSError:
        return
    segment.buf[:4] = b"left"


def semaphore():
    libc.sem_open.restype = ctypes.c_void_p
    if libc.sem_open(NAME, 0):
        print("FOUND-AGAIN a semaphore")
    libc.sem_open(NAME, os.O_CREAT, 0o666, 7)


if not os.path.exists("loaded-before"):  # the judge may load it twice in one process
    with open("loaded-before", "x"):
        pass
    for leave in (queue, memory, semaphore):
        leave()
    print("left what may be left", flush=True)


def lstm_cell(*arguments):
    return None
