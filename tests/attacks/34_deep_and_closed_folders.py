# /// attack
# row = 34
# expect = ["FAILED"]
# proof = "left"
# invariant = "scratch space is gone afterwards, however deep it is and whatever its rights"
# ///
"""Leaves folders deeper than recursion and longer than a path may be, folders without rights, and odd names."""

import os


def lstm_cell(*arguments):
    os.makedirs("katas-attack/closed", exist_ok=True)
    with open("katas-attack/closed/x", "w") as file:
        file.write("still here")
    for act in (
        lambda: os.mkdir("katas-attack/shut", 0),
        lambda: os.chmod("katas-attack/closed", 0),
        lambda: os.symlink("/", "katas-attack/link"),
        lambda: os.mkfifo("katas-attack/pipe"),
        lambda: os.mkdir(b"katas-attack/\xff\xfe\n"),
        lambda: os.mkdir("katas-attack/..1"),
    ):
        try:
            act()
        except OSError:
            continue
    here = os.getcwd()
    os.chdir("katas-attack")
    for _ in range(200):
        try:
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        except OSError:
            break
    os.chdir(here)
    print("left", flush=True)
