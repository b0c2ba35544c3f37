# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED", "USAGE"]
# invariant = "odd trees are an error for that submission alone"
# ///
"""A link to itself, and a folder where the file should be."""


def build(folder, secrets):
    (folder / "hostile").mkdir()
    (folder / "hostile" / "lstm_cell.py").symlink_to("lstm_cell.py")
    (folder / "lstm_cell.py").mkdir()
    return folder
