"""The worked example of the task: two sequences of different lengths, in both directions."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """What comes out at each step, and at each sequence's own end."""
    layer = submission["LSTM"](1, 1, bidirectional=True, batch_first=True)
    one_way = {
        "weight_ih_l0": torch.tensor([[0.0], [0.0], [1.0], [0.0]]),
        "weight_hh_l0": torch.zeros(4, 1),
        "bias_ih_l0": torch.zeros(4),
        "bias_hh_l0": torch.zeros(4),
    }
    layer["load_state_dict"](one_way | {f"{name}_reverse": w for name, w in one_way.items()})
    x = torch.tensor([[[1.0], [2.0], [9.0]], [[1.0], [2.0], [-1.0]]])
    out, (h, _) = layer(x, lengths=torch.tensor([2, 3]))
    worked("sequence 0: forward h", "0.1817 0.2933 0", out[0, :, 0], shape=(3,))
    worked("sequence 0: reverse r", "0.2762 0.2239 0", out[0, :, 1], shape=(3,))
    worked("sequence 0: final h forward", "0.2933", h[0, 0], shape=(1,))
    worked("sequence 0: final h reverse", "0.2762", h[1, 0], shape=(1,))
    worked("sequence 1: reverse r", "0.2414 0.1418 -0.1817", out[1, :, 1], shape=(3,))
    worked("sequence 1: final h forward", "-0.0223", h[0, 1], shape=(1,))
    worked("sequence 1: final h reverse", "0.2414", h[1, 1], shape=(1,))
