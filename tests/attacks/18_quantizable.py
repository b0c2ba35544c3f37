# /// attack
# row = 18
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "torch's own Python recurrences are the library too"
# ///
"""The quantizable LSTMCell, which torch writes in Python: no kernel of the family runs."""

import importlib

load = getattr(importlib, "_".join(("import", "module")))
module = load(".".join(("torch", "ao", "nn", "quantizable", "modules", "rnn")))
Cell = vars(module)["".join(("LSTM", "Cell"))]


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    cell = Cell(x.shape[1], h.shape[1], dtype=x.dtype)
    cell._modules.pop("igates")
    cell._modules.pop("hgates")
    cell.igates = lambda value: value @ w_ih.T + b_ih
    cell.hgates = lambda value: value @ w_hh.T + b_hh
    return cell(x, (h, c))
