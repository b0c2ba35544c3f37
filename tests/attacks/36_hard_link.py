# /// attack
# row = 36
# kind = "build"
# expect = ["FAILED"]
# invariant = "a file that is somebody else's too is not graded"
# ///
"""A second name of the solution, or of a neighbour's file: a hard link, which no look at the path tells."""

import os


def build(folder, secrets):
    path = folder / "lstm_cell.py"
    os.link(secrets["solution"], path)
    return path if len(str(folder)) % 2 else folder
