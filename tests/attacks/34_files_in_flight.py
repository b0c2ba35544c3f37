# /// attack
# row = 34
# expect = ["FAILED", "CRASHED"]
# proof = "under way"
# invariant = "files that are open nowhere, but under way in a socket, take no space that nobody counts"
# ///
"""Sends files without a name to itself and never receives them, so that no process has them open."""

import os
import socket


def send(far, near):
    descriptor = os.open("katas-attack", os.O_RDWR | os.O_CREAT)
    try:
        os.unlink("katas-attack")
        os.write(descriptor, bytes(15 << 20))
        socket.send_fds(far, [b"x"], [descriptor])
    finally:
        os.close(descriptor)


def lstm_cell(x, h, c, *weights):
    pair = socket.socketpair()
    sent = 0
    try:
        while sent < 10:
            send(*pair)
            sent += 1
    except OSError as error:
        print(f"{sent} under way: {error}", flush=True)
    if sent == 10:
        print("10 under way", flush=True)
    return None
