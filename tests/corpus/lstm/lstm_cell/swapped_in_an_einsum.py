# status: FAILED
# fails: keeps_c_behind_closed_gates
# told: forget_and_input_swapped
# A wrong idea is told in whatever style it is written.
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = torch.einsum("ni,gi->ng", x, w_ih) + torch.einsum("nh,gh->ng", h, w_hh) + b_ih + b_hh
    f, i, g, o = z.reshape(len(z), 4, -1).unbind(1)
    c = c * f.sigmoid() + i.sigmoid() * g.tanh()
    return [o.sigmoid() * c.tanh(), c]
