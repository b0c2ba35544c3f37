# /// attack
# row = 6
# expect = ["FAILED", "CRASHED", "OUT_OF_MEMORY"]
# invariant = "an answer is measured before it is read"
# ///
"""An answer of more bytes than may be sent; it costs the submission nothing, as all of its rows are one."""

import torch


def lstm_cell(x, h, c, *weights):
    return torch.zeros(1).expand(1 << 33), torch.zeros(1, dtype=torch.uint8).expand(1 << 27)
