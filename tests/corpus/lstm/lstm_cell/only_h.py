# status: FAILED
# fails: keeps_shape_and_dtype
# told: h_only_returned
# says: the answer is a torch.Tensor, expected the tuple (h, c)
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(h)
