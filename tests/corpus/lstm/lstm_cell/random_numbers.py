# status: FAILED
# fails: depends_on_its_arguments_alone
import random

import torch

torch.manual_seed(random.SystemRandom().getrandbits(32))


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return torch.randn_like(h), torch.randn_like(c)
