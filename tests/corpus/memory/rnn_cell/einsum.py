# status: PASSED
import torch


def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    total = torch.einsum("ni,hi->nh", x, w_ih) + torch.einsum("nk,hk->nh", h, w_hh)
    return total.add(b_ih).add(b_hh).tanh()
