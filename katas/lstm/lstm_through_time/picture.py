"""A long sequence in chunks: what is lost where the state is not passed on."""

import torch

from grader.checks import Submission, record_figure

STEPS = 60
CHUNK = 20


def picture(submission: Submission) -> None:
    """One unit that adds up small inputs: in one go, and in chunks that begin from zeros."""
    model = submission["LSTM"](1, 1)
    model["load_state_dict"](
        {
            "weight_ih_l0": torch.tensor([[0.0], [0.0], [1.0], [0.0]]),
            "weight_hh_l0": torch.zeros(4, 1),
            "bias_ih_l0": torch.tensor([0.0, 5.0, 0.0, 5.0]),  # f and o are open
            "bias_hh_l0": torch.zeros(4),
        }
    )
    x = torch.full((STEPS, 1, 1), 0.05)
    whole, _ = model(x)
    anew = torch.cat([model(chunk)[0] for chunk in x.split(CHUNK)])
    record_figure(
        "A memory that adds up: read as a whole, and in chunks without the state",
        {
            "whole": list(enumerate(whole[:, 0, 0].tolist(), start=1)),
            "no state passed on": list(enumerate(anew[:, 0, 0].tolist(), start=1)),
        },
        y="out",
    )
