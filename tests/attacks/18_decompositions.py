# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "torch's own Python recurrences are the library too"
# ///
"""The reference decompositions that torch keeps in Python for its compiler."""

import torch.nn.functional as F
from torch._decomp.decompositions import lstm_cell as step


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return step(F.linear(x, w_ih, b_ih), h, c, w_hh, b_hh, None, 1)
