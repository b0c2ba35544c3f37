# /// attack
# row = 14
# kind = "build"
# expect = ["FAILED", "USAGE"]
# invariant = "no name leads out of the folder"
# ///
"""A relative link with `..`, and one that ends in a socket."""

import os
import socket


def build(folder, secrets):
    up = "/".join([".."] * 12)
    os.symlink(f"{up}{secrets['solution']}", folder / "lstm_cell.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "s"))
    return folder
