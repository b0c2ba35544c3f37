# status: PASSED
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    hidden = h.shape[1]
    z = torch.einsum("ni,gi->ng", x, w_ih) + torch.einsum("nh,gh->ng", h, w_hh) + b_ih + b_hh
    i, f, g, o = z.reshape(-1, 4, hidden).unbind(dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
