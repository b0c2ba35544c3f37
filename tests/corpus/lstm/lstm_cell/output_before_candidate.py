# status: FAILED
# fails: matches_torch
# told: gates_in_order_i_f_o_g
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    n = h.size(1)
    z = torch.addmm(b_ih, x, w_ih.t()) + torch.addmm(b_hh, h, w_hh.t())
    i, f, o, g = (z.narrow(1, k * n, n) for k in range(4))
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
