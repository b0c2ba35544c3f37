# status: PASSED
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = torch.addmm(torch.addmm(b_ih + b_hh, h, w_hh.t()), x, w_ih.t())
    i, f, g, o = torch.split(z, h.size(1), dim=-1)
    c = torch.addcmul(torch.sigmoid(f) * c, torch.sigmoid(i), torch.tanh(g))
    return torch.sigmoid(o) * torch.tanh(c), c
