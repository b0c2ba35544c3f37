# status: FAILED
# told: state_given_twice
# says: is a tuple, expected a torch.Tensor
import torch


def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    h = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    return h, h
