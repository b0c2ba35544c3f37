# /// attack
# row = 28
# kind = "build"
# expect = ["FAILED"]
# invariant = "a file name that is no valid text does not break the report"
# ///
"""A file whose name is not UTF-8, in a folder whose name is not UTF-8."""

import os


def build(folder, secrets):
    inner = os.path.join(os.fsencode(folder), b"\xff\xfe=HYPERLINK")
    os.mkdir(inner)
    path = os.path.join(inner, b"\xc3\x28.py")
    with open(path, "w") as file:
        file.write("def lstm_cell(*a):\n    return None\n")
    return type(folder)(os.fsdecode(path))
