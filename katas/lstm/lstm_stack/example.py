"""The worked example of the task: three steps, through two layers and both directions."""

import torch

from grader.checks import Submission, worked


def example(submission: Submission) -> None:
    """What comes out, and where each run ends."""
    model = submission["LSTM"](1, 1, num_layers=2, bidirectional=True)
    weights = {}
    for layer, features in ((0, 1), (1, 2)):
        for end in ("", "_reverse"):
            w_ih = torch.zeros(4, features)
            w_ih[2] = 1.0
            weights |= {
                f"weight_ih_l{layer}{end}": w_ih,
                f"weight_hh_l{layer}{end}": torch.zeros(4, 1),
                f"bias_ih_l{layer}{end}": torch.zeros(4),
                f"bias_hh_l{layer}{end}": torch.zeros(4),
            }
    model["load_state_dict"](weights)
    out, (h, _) = model(torch.tensor([[[2.0]], [[0.0]], [[-1.0]]]))
    worked("out: forward h of layer 1", "0.0956 0.0542 -0.0475", out[:, 0, 0], shape=(3,))
    worked("out: reverse r of layer 1", "0.0803 -0.0314 -0.0743", out[:, 0, 1], shape=(3,))
    worked("final h", "-0.1273 0.1843 -0.0475 0.0803", h, shape=(4, 1, 1))
