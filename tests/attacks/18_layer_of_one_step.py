# /// attack
# row = 18
# expect = ["FORBIDDEN"]
# invariant = "the whole family of operators is stopped"
# ///
"""nn.LSTM over a sequence of one step, its class found among the subclasses of Module."""

import torch


def find(name, base=torch.nn.Module):
    for sub in base.__subclasses__():
        if sub.__name__ == name:
            return sub
        found = find(name, sub)
        if found:
            return found


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    layer = find("L" + "STM")(x.shape[1], h.shape[1], dtype=x.dtype)
    weights = dict(weight_ih_l0=w_ih, weight_hh_l0=w_hh, bias_ih_l0=b_ih, bias_hh_l0=b_hh)
    _, (h, c) = torch.func.functional_call(layer, weights, (x[None], (h[None], c[None])))
    return h[0], c[0]
