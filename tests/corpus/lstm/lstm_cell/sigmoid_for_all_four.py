# status: FAILED
# fails: matches_torch
# told: sigmoid_candidate
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = torch.sigmoid(x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = f * c + i * g
    return o * torch.tanh(c), c
