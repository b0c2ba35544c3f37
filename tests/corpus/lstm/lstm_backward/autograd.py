# status: FORBIDDEN
# says: torch
import torch


def lstm_forward(x, h0, c0, w_ih, w_hh, b):
    return x, c0, None


def lstm_backward(dhs, dc_last, cache):
    return torch.autograd.grad(cache, dhs)
