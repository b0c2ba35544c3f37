# /// attack
# row = 28
# kind = "build"
# expect = ["FAILED"]
# invariant = "a submission's own texts about itself are only texts"
# ///
"""A folder called like an option and a path; a student id that is a formula; a name of 255 characters."""


def build(folder, secrets):
    inner = folder / "--json=..%2f..%2fetc" / ("=1+1;" + "é" * 100)
    inner.mkdir(parents=True)
    path = inner / "lstm_cell.py"
    path.write_text("__name__ = '../../x'\n__file__ = '/etc/passwd'\ndef lstm_cell(*a):\n    raise ValueError\n")
    return path
