# /// attack
# row = 34
# expect = ["FAILED", "CRASHED"]
# never = ["WROTE-THEM-ALL"]
# invariant = "the total of the files is bounded, not only the size of each"
# ///
"""Files that are each a little smaller than one file may be, half of them deleted and kept open."""

import os

BLOCK = b"x" * (1 << 20)


def lstm_cell(*arguments):
    kept = []
    for number in range(48):
        descriptor = os.open(f"katas-attack-{number}", os.O_CREAT | os.O_RDWR)
        for _ in range(15):
            os.write(descriptor, BLOCK)
        if number % 2:
            os.unlink(f"katas-attack-{number}")
            kept.append(descriptor)
        else:
            os.close(descriptor)
    print("WROTE-THEM-ALL", flush=True)
