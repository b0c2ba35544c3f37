# status: FAILED
# fails: keeps_shape_and_dtype
# says: lstm_cell raised ValueError: a batch of one?
# line: 11
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    if len(x) == 1:
        raise ValueError("a batch of one?")
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
