# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED"]
# invariant = "a link that leads out of the submission's folder is not followed"
# ///
"""The track's folder is a link to the folder of the solutions."""


def build(folder, secrets):
    (folder / "hostile").symlink_to(secrets["solution"].parent, target_is_directory=True)
    return folder
