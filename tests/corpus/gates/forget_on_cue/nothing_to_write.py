# status: PASSED
# The input gate may be anything, if the candidate is zero.
import torch


def forget_on_cue():
    rows = {"i": (0.3, 2, 1), "f": (0, -60, 30), "g": (0, 0, 0), "o": (5, 5, 5)}
    table = torch.tensor(list(rows.values()))
    return table[:, :2], torch.zeros(4, 1), table[:, 2], torch.zeros(4)
