# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED"]
# invariant = "a file is measured before it is read"
# ///
"""A sparse file of 10 TB."""

import os


def build(folder, secrets):
    path = folder / "lstm_cell.py"
    path.touch()
    os.truncate(path, 10**12)
    return path
