# status: FAILED
# fails: matches_torch
# told: transposed_w_hh
import torch


def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(torch.einsum("ni,hi->nh", x, w_ih) + torch.einsum("nk,kh->nh", h, w_hh) + b_ih + b_hh)
