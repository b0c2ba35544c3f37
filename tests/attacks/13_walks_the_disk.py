# /// attack
# row = 13
# expect = ["FAILED", "TIMED_OUT"]
# proof = "walked"
# never = ["SECRET-FOUND"]
# invariant = "what is mounted is Python and the system's libraries, without checks and solutions"
# ///
"""Walks the whole file system that it sees for checks, solutions and misconceptions, and looks into what is named so."""

import os

NAMES = {"checks.py", "hidden_checks.py", "misconceptions.toml", "kata.toml", "gradebook.sqlite", "id_rsa", ".netrc"}


def lstm_cell(*arguments):
    count = 0
    for root in ("/judge", "/work", "/home", "/root", "/tmp", "/etc", "/dev", "/var", "/opt", "/srv", "/mnt", "/run", "/sys", "/proc", "/"):
        print("walked", root)
        for folder, folders, files in os.walk(root):
            if folder.count("/") > 7:
                folders.clear()
            folders[:] = [f for f in folders if f not in ("torch", "numpy", "sympy", "triton", "nvidia", "share")]
            count += len(files)
            for name in files:
                if name not in NAMES and "CANARY" not in name:
                    continue
                try:
                    with open(os.path.join(folder, name), errors="replace") as file:
                        text = file.read()
                except OSError:
                    continue
                if "grader" in text or "CANARY" in name + text or not name.endswith(".py"):
                    print("SECRET-FOUND", os.path.join(folder, name))
            if count > 40_000:
                break
