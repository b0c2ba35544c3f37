# /// attack
# row = 28
# kind = "build"
# expect = ["FAILED"]
# invariant = "a file name is text like any other"
# ///
"""A file whose name has escapes, a line end, marks from right to left, markup and a formula."""


def build(folder, secrets):
    path = folder / "\x1b[2J=cmd()\n[bold]\u202e\u2066<b>,'\"`$(x);.py"
    path.write_text("def lstm_cell(*a):\n    return None\n")
    return path
