# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED"]
# invariant = "a link that leads out of the submission's folder is not followed"
# ///
"""The submission is a link to the solution; and one through a folder that is a link."""


def build(folder, secrets):
    (folder / "lstm_cell.py").symlink_to(secrets["solution"])
    return folder
