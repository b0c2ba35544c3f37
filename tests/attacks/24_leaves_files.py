# /// attack
# row = 24
# runs = 2
# expect = ["FAILED"]
# proof = "left"
# never = ["FOUND-AGAIN"]
# invariant = "no file of one submission is there for the next"
# ///
"""Leaves files, links, locks and sockets wherever it may write, and looks for those of its earlier run."""

import os

FOLDERS = ["/tmp", "/dev/shm", "/var/tmp", "/dev", "/dev/pts", "/dev/mqueue", "/proc", "/judge", "/", "/run", ".", "..", "/root", "/home", "/usr", "/lib", "/etc", "/work"]


def lstm_cell(*arguments):
    places = []
    for folder in FOLDERS:
        path = os.path.join(folder, "katas-attack-state")
        if os.path.lexists(path) and os.path.abspath(path) not in places:
            print("FOUND-AGAIN", path)
        try:
            with open(path, "w") as file:
                file.write("x")
            places.append(os.path.abspath(path))
        except OSError:
            continue
        if folder == "/tmp":
            os.unlink(path)
            with open("/tmp/katas-attack-other", "x"):
                pass
    print("left in", places)
    for place in places:
        if place.startswith("/tmp/work"):
            os.unlink(place)
