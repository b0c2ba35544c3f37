# status: PASSED
# Changes what a process can change; each submission has a process of its own.
import logging
import os
import random
import warnings

import torch

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.manual_seed(0)
random.seed(0)
os.environ["KATA"] = "changed"
os.chdir("/")
logging.basicConfig(level=logging.DEBUG)
logging.getLogger(__name__).debug("imported")
warnings.warn("this is only a warning")


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    with torch.enable_grad():
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
