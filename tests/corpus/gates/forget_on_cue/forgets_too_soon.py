# status: FAILED
# fails: lasts_for_a_thousand_steps
# told: forgets_slowly
import torch


def forget_on_cue():
    w_ih = torch.tensor([[0, 0], [0, -16], [0, 0], [0, 0.0]])
    return w_ih, torch.zeros(4, 1), torch.tensor([0, 8.0, 0, 0]), torch.zeros(4)
