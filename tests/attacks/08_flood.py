# /// attack
# row = 8
# expect = ["FAILED", "TIMED_OUT"]
# invariant = "what is kept of the output is bounded, and a flood does not slow the judge"
# ///
"""Writes as fast as it can to stdout and stderr, from two threads, without a line end."""

import os
import threading


def flood(fd):
    block = b"\xff\0x" * 20_000
    while True:
        os.write(fd, block)


def lstm_cell(*arguments):
    threading.Thread(target=flood, args=(1,), daemon=True).start()
    flood(2)
