"""The worked example of the task: what holds for any draw, with I = 3 and H = 2."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The forget gate's recurrent block times itself, and what the two biases add up to."""
    state_dict = {
        "weight_ih_l0": torch.zeros(8, 3),
        "weight_hh_l0": torch.zeros(8, 2),
        "bias_ih_l0": torch.zeros(8),
        "bias_hh_l0": torch.zeros(8),
    }
    made = submission["initialise"](state_dict, 1.0)
    block = made["weight_hh_l0"][2:4]
    worked("B Bᵀ, row 0", "1 0", block @ block[0], shape=(2,))
    worked("B Bᵀ, row 1", "0 1", block @ block[1], shape=(2,))
    worked("b_ih + b_hh", "0 0 1 1 0 0 0 0", made["bias_ih_l0"] + made["bias_hh_l0"], shape=(8,))
