# /// attack
# row = 6
# expect = ["FAILED", "OUT_OF_MEMORY", "TIMED_OUT"]
# proof = "filled"
# invariant = "memory in files that have no name, in /tmp and in /dev/shm is bounded too"
# ///
"""Fills memfds, /tmp, /dev/shm, System V segments and pipes, where no limit on the heap counts."""

import os


def fill(open_one):
    total = 0
    block = bytes(1 << 20)
    for number in range(200):
        try:
            fd = open_one(number)
            while total < 3 << 30:
                total += os.write(fd, block)
        except OSError:
            continue
    return total


def lstm_cell(*arguments):
    kinds = {
        "tmp": lambda n: os.open(f"/tmp/katas-attack-{n}", os.O_CREAT | os.O_RDWR),
        "shm": lambda n: os.open(f"/dev/shm/katas-attack-{n}", os.O_CREAT | os.O_RDWR),
        "memfd": lambda n: os.memfd_create(f"katas-attack-{n}"),
    }
    for name, kind in kinds.items():
        got = fill(kind)
        print(f"filled {name}: {got >> 20} MiB", flush=True)
        if got >= 2 << 30:
            print("MEMORY-WITHOUT-BOUND", flush=True)
