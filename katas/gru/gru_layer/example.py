"""The worked example of the task: one step of the cell, and two sequences in both directions."""

import math

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The cell, then the layer."""
    cell = submission["GRUCell"](1, 1)
    weights = {
        "weight_ih": torch.tensor([[0.0], [0.0], [1.0]]),
        "weight_hh": torch.tensor([[0.0], [0.0], [2.0]]),
        "bias_ih": torch.tensor([-math.log(3.0), 0.0, 0.0]),  # σ(-ln 3) = 1/4
        "bias_hh": torch.tensor([0.0, 0.0, 1.0]),
    }
    cell["load_state_dict"](weights)
    worked(
        "the cell's h'", "0.5820", cell(torch.tensor([[0.3]]), torch.tensor([[0.5]])), shape=(1, 1)
    )

    layer = submission["GRU"](1, 1, bidirectional=True, batch_first=True)
    one_way = {
        "weight_ih_l0": torch.tensor([[0.0], [0.0], [1.0]]),
        "weight_hh_l0": torch.zeros(3, 1),
        "bias_ih_l0": torch.zeros(3),
        "bias_hh_l0": torch.zeros(3),
    }
    layer["load_state_dict"](one_way | {f"{name}_reverse": w for name, w in one_way.items()})
    x = torch.tensor([[[1.0], [2.0], [9.0]], [[1.0], [2.0], [-1.0]]])
    out, h = layer(x, lengths=torch.tensor([2, 3]))
    worked("sequence 0: forward", "0.3808 0.6724 0", out[0, :, 0], shape=(3,))
    worked("sequence 0: reverse", "0.6218 0.4820 0", out[0, :, 1], shape=(3,))
    worked("sequence 0: final h forward", "0.6724", h[0, 0], shape=(1,))
    worked("sequence 0: final h reverse", "0.6218", h[1, 0], shape=(1,))
    worked("sequence 1: reverse", "0.5266 0.2916 -0.3808", out[1, :, 1], shape=(3,))
    worked("sequence 1: final h forward", "-0.0446", h[0, 1], shape=(1,))
    worked("sequence 1: final h reverse", "0.5266", h[1, 1], shape=(1,))
