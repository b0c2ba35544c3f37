"""The worked example of the task: three steps, at once and in two chunks."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """The whole sequence, then the last step with and without the state."""
    layer = submission["LSTM"](1, 1)
    weights = {
        "weight_ih_l0": torch.tensor([[0.0], [0.0], [1.0], [0.0]]),
        "weight_hh_l0": torch.zeros(4, 1),
        "bias_ih_l0": torch.zeros(4),
        "bias_hh_l0": torch.zeros(4),
    }
    layer["load_state_dict"](weights)
    x = torch.tensor([[[2.0]], [[0.0]], [[-1.0]]])
    out, (h, c) = layer(x)
    worked("out", "0.2239 0.1182 -0.1273", out, shape=(3, 1, 1))
    worked("final h", "-0.1273", h, shape=(1, 1, 1))
    worked("final c", "-0.2603", c, shape=(1, 1, 1))
    _, (h, c) = layer(x[:2])
    worked("first chunk: h", "0.1182", h, shape=(1, 1, 1))
    worked("first chunk: c", "0.2410", c, shape=(1, 1, 1))
    out, (_, passed_on) = layer(x[2:], (h, c))
    anew, (_, from_zeros) = layer(x[2:])
    worked(
        "second chunk: c, state passed on, and from zeros",
        "-0.2603 -0.3808",
        [passed_on, from_zeros],
    )
    worked("second chunk: out, state passed on, and from zeros", "-0.1273 -0.1817", [out, anew])
