# status: PASSED
import torch


def forget_on_cue():
    w_ih = torch.tensor([[0, 0], [0, -800], [3, 4], [0.5, 0.25]], dtype=torch.float64)
    b_ih = torch.tensor([-900, 300, 0, 1], dtype=torch.float64)
    return [w_ih, torch.zeros(4, 1).double(), b_ih, torch.tensor([0.0, 100, 0, 0]).double()]
