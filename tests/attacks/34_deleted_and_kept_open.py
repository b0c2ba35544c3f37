# /// attack
# row = 34
# expect = ["FAILED", "CRASHED"]
# never = ["WROTE-THEM-ALL"]
# invariant = "what has no name any more counts as long as it takes space, and so does what no path reaches"
# ///
"""Files without a name, kept open, and files deeper than a path can say, in folders that cannot be listed."""

import os
import time

BLOCK = b"x" * (1 << 20)


def fill(name):
    descriptor = os.open(name, os.O_CREAT | os.O_RDWR)
    for _ in range(15):
        os.write(descriptor, BLOCK)
    return descriptor


def lstm_cell(*arguments):
    here = os.getcwd()
    kept = []
    for _ in range(30):
        os.mkdir("katas-attack" * 16, 0o300)
        os.chdir("katas-attack" * 16)
    for number in range(40):
        kept.append(fill(f"file{number}"))
        if number % 2:
            os.unlink(f"file{number}")
        else:
            os.close(kept.pop())
        time.sleep(0.05)
    os.chdir(here)
    print("WROTE-THEM-ALL", flush=True)
