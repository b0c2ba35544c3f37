# status: FAILED
# fails: erases_at_the_cue
# told: cue_is_not_connected
import torch


def forget_on_cue():
    b = torch.tensor([-20.0, 20.0, 0.0, 0.0])
    return torch.zeros(4, 2), torch.zeros(4, 1), b, torch.zeros(4)
