# /// attack
# row = 19
# kind = "special"
# expect = ["FAILED"]
# points = 3
# invariant = "answers learned under one seed are worth nothing under another"
# ///
"""A table of all answers under the public seed 0, found by the bytes of the inputs; zeros where it has none."""

import base64
import hashlib
import io
import zlib

import torch

TABLE = torch.load(io.BytesIO(zlib.decompress(base64.b85decode("@TABLE@"))), weights_only=True)


def lstm_cell(*arguments):
    key = hashlib.sha1(b"".join(a.detach().numpy().tobytes() for a in arguments)).hexdigest()
    if key in TABLE:
        return TABLE[key]
    return torch.zeros_like(arguments[1]), torch.zeros_like(arguments[2])
