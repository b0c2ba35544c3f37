# /// attack
# row = 36
# kind = "build"
# expect = ["FAILED", "USAGE"]
# invariant = "a link is refused as the file itself, not only inside a folder"
# ///
"""The path that is handed in is a link to the solution, directly or through another link."""


def build(folder, secrets):
    first, second = folder / "first.py", folder / "lstm_cell.py"
    first.symlink_to(secrets["solution"])
    second.symlink_to(first)
    return second
