# status: FAILED
# fails: keeps_c_behind_closed_gates
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return torch.zeros_like(h), torch.zeros_like(c)
