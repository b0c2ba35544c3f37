# status: FAILED
# says: has wrong values
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = x.bfloat16() @ w_ih.bfloat16().T + h.bfloat16() @ w_hh.bfloat16().T
    i, f, g, o = (z.to(x.dtype) + b_ih + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
