# /// attack
# row = 18
# expect = ["FORBIDDEN"]
# invariant = "delegation is stopped where it runs"
# ///
"""A subclass of nn.LSTMCell whose name was built at run time."""

import torch

Base = getattr(torch.nn, "".join(reversed("lleCMTSL")))


class Own(Base):
    pass


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    cell = Own(x.shape[1], h.shape[1], dtype=x.dtype)
    return torch.func.functional_call(cell, dict(weight_ih=w_ih, weight_hh=w_hh, bias_ih=b_ih, bias_hh=b_hh), (x, (h, c)))
