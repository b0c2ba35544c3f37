# /// attack
# row = 25
# expect = ["FAILED"]
# invariant = "no archive is loaded by the judge"
# ///
"""torch.save archives, .npy files and object arrays with code inside, as bytes and as arrays."""

import io
import os

import numpy as np
import torch


class Evil:
    def __reduce__(self):
        return (os.system, ("touch @ARENA@/katas-attack-unpickled",))


def lstm_cell(*arguments):
    archive, npy = io.BytesIO(), io.BytesIO()
    torch.save({"h": Evil()}, archive)
    np.save(npy, np.array([Evil()], dtype=object), allow_pickle=True)
    return (
        np.frombuffer(archive.getvalue(), dtype=np.uint8),
        np.array([Evil(), Evil()], dtype=object),
        npy.getvalue(),
        np.array([(1, Evil())], dtype=[("a", "i4"), ("b", "O")]),
    )
