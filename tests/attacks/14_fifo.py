# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED"]
# invariant = "reading a submission never blocks"
# ///
"""The submission is a FIFO that nobody writes to."""

import os


def build(folder, secrets):
    os.mkfifo(folder / "lstm_cell.py")
    return folder
