# status: PASSED
from math import *

from torch import *
from torch.nn.functional import *


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    import torch

    i, f, g, o = chunk(linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh), 4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
