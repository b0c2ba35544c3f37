# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED"]
# invariant = "only regular files are read"
# ///
"""The submission is /dev/zero, by a link, named directly."""


def build(folder, secrets):
    (folder / "lstm_cell.py").symlink_to("/dev/zero")
    return folder / "lstm_cell.py"
