"""What the two directions of a layer know of one pulse, and what padding is to them."""

import torch

from grader.checks import Submission, record_figure

STEPS, PULSE, LENGTH = 60, 20, 45


def picture(submission: Submission) -> None:
    """One unit for each direction; the padding is full of ones, which must not be seen."""
    model = submission["LSTM"](1, 1, bidirectional=True)
    one_way = {
        "weight_ih_l0": torch.tensor([[0.0], [0.0], [2.0], [0.0]]),
        "weight_hh_l0": torch.zeros(4, 1),
        "bias_ih_l0": torch.tensor([8.0, 2.6, 0.0, 8.0]),
        "bias_hh_l0": torch.zeros(4),
    }
    model["load_state_dict"](one_way | {f"{n}_reverse": w for n, w in one_way.items()})
    x = torch.zeros(STEPS, 1, 1)
    x[PULSE - 1] = 1.0
    x[LENGTH:] = 1.0
    out, _ = model(x, lengths=torch.tensor([LENGTH]))
    forward, reverse = out[:, 0].T.tolist()
    record_figure(
        "A pulse at step 20, padding after 45: who knows of it when",
        {
            "forward": list(enumerate(forward, start=1)),
            "reverse": list(enumerate(reverse, start=1)),
        },
        y="out",
    )
