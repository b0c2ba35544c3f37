# /// attack
# row = 27
# kind = "build"
# expect = ["FAILED"]
# invariant = "a notebook that cannot be read is a verdict"
# ///
"""Not JSON."""


def build(folder, secrets):
    path = folder / "lstm_cell.ipynb"
    path.write_bytes(b'{"cells": [{"cell_type": "code", "source": ["def ')
    return path
