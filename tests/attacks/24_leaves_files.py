# /// attack
# row = 24
# runs = 2
# expect = ["FAILED"]
# proof = "left"
# never = ["FOUND-AGAIN"]
# invariant = "no file of one submission is there for the next"
# ///
"""Leaves files, links and folders wherever it may write, and looks for those of its earlier run."""

import os

FOLDERS = ["/tmp", "/dev/shm", "/var/tmp", "/dev", "/dev/pts", "/dev/mqueue", "/proc", "/judge", "/", "/run", "..", "/root", "/home", "/usr", "/lib", "/etc", "/work"]
PATHS = [os.path.join(folder, "katas-attack-state") for folder in FOLDERS]

if not os.path.exists("loaded-before"):  # the judge may load it twice in one process
    with open("loaded-before", "x"):
        pass
    print("FOUND-AGAIN" if any(map(os.path.lexists, PATHS)) else "nothing yet", [p for p in PATHS if os.path.lexists(p)])
    for path in PATHS:
        try:
            with open(path, "x") as file:
                file.write("x")
            print("left", path)
            os.symlink("/etc/passwd", path + "-link")
            os.mkdir(path + "-folder")
        except OSError:
            continue


def lstm_cell(*arguments):
    return None
