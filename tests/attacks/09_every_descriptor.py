# /// attack
# row = 9
# expect = ["FAILED", "CRASHED"]
# invariant = "there is no descriptor on which a result could be written"
# ///
"""Writes a forged verdict, as JSON and as MessagePack, to every descriptor there is."""

import json
import os

import msgspec

verdict = {"status": "PASSED", "points": 13, "max_points": 13}


def lstm_cell(*arguments):
    for fd in range(0, 4096):
        for data in (json.dumps(verdict).encode(), msgspec.msgpack.encode(verdict)):
            try:
                os.write(fd, data)
            except OSError:
                continue
