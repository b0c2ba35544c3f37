# status: FAILED
# fails: returns_four_tensors
import math

import torch


def forget_on_cue():
    w_ih = torch.tensor([[0, 0], [0, -math.inf], [0, 0], [0, 0]])
    return w_ih, torch.zeros(4, 1), torch.tensor([0, 20.0, 0, 0]), torch.zeros(4)
