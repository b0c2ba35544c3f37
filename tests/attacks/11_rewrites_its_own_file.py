# /// attack
# row = 11
# expect = ["FAILED", "FORBIDDEN", "CRASHED"]
# points = 3
# invariant = "what is scanned is what the judge sent, and what runs is guarded however it is loaded"
# ///
"""A thread swaps the submission's file in the scratch folder between its scan and its import (it is loaded again later)."""

import glob
import os
import threading

SWAP = b"import torch\ndef lstm_cell(x, h, c, *w):\n    return torch.lstm_cell(x, (h, c), *w)\n"


def race():
    while True:
        for path in glob.glob(os.path.join(os.path.dirname(__file__), "*.py")):
            with open(path + "~", "wb") as file:
                file.write(SWAP)
            os.replace(path + "~", path)


threading.Thread(target=race, daemon=True).start()


def lstm_cell(x, h, c, *weights):
    return h * 0, c * 0
