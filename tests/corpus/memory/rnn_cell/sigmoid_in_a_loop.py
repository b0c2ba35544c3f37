# status: FAILED
# fails: matches_torch
# told: sigmoid_for_tanh
import torch


def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.stack([torch.sigmoid(w_ih @ a + w_hh @ b + b_ih + b_hh) for a, b in zip(x, h)])
