# /// attack
# row = 34
# expect = ["FAILED", "CRASHED"]
# never = ["WROTE-THEM-ALL"]
# invariant = "the number of files is bounded"
# ///
"""Empty files without end."""

import os


def lstm_cell(*arguments):
    for number in range(300_000):
        os.close(os.open(f"katas-attack-{number}", os.O_CREAT | os.O_WRONLY))
    print("WROTE-THEM-ALL", flush=True)
