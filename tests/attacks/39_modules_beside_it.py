# /// attack
# row = 39
# kind = "build"
# expect = ["FAILED"]
# never = ["IMPORTED"]
# invariant = "a submission is one file: what lies beside it, or in the current folder, is not imported"
# ///
"""Modules of the grader's own names beside the submission, which imports them all."""

NAMES = ("grader", "torch", "checks", "solution", "conftest", "sitecustomize", "helper", "lstm_cell_solution")


def build(folder, secrets):
    for name in NAMES:
        (folder / f"{name}.py").write_text("print('IMPORTED', __name__)\n")
    tries = "".join(f"try:\n    import {name}\nexcept Exception:\n    pass\n" for name in NAMES)
    path = folder / "lstm_cell.py"
    path.write_text("import os, sys\nsys.path[:0] = ['', '.', '..', os.getcwd()]\n" + tries + "\n\ndef lstm_cell(*arguments):\n    return None\n")
    return path
