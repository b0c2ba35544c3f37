"""Waits for a state that never comes."""

import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    while not torch.isinf(h).any():
        h = torch.tanh(h)
    return h, c
