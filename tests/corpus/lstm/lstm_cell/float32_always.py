# status: FAILED
# fails: keeps_shape_and_dtype
# told: always_float32
# says: has dtype float32, expected float64
import torch


def lstm_cell(*tensors):
    x, h, c, w_ih, w_hh, b_ih, b_hh = (t.float() for t in tensors)
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
