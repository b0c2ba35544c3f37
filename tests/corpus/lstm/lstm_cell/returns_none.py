# status: FAILED
# fails: keeps_shape_and_dtype
# says: the answer is None, expected the tuple (h, c)
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    torch.sigmoid(o) * torch.tanh(c), c
