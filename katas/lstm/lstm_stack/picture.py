"""One pulse, read from both ends: what either direction knows of it, and when."""

import torch

from grader.checks import Submission, record_figure

STEPS = 60
PULSE = 30


def picture(submission: Submission) -> None:
    """One layer in two directions with the same weights; a 1 at step 30 and zeros elsewhere."""
    weights = {
        "weight_ih": torch.tensor([[6.0], [0.0], [3.0], [0.0]]),
        "weight_hh": torch.zeros(4, 1),
        "bias_ih": torch.tensor([-3.0, 2.5, 0.0, 1.0]),  # f = 0.92: c fades slowly
        "bias_hh": torch.zeros(4),
    }
    model = submission["LSTM"](1, 1, bidirectional=True)
    model["load_state_dict"](
        {f"{name}_l0{way}": w for name, w in weights.items() for way in ("", "_reverse")}
    )
    x = torch.zeros(STEPS, 1, 1)
    x[PULSE - 1] = 1.0
    out, _ = model(x)
    record_figure(
        f"A 1 at step {PULSE}: forward knows it afterwards, reverse before",
        {
            "forward": list(enumerate(out[:, 0, 0].tolist(), start=1)),
            "reverse": list(enumerate(out[:, 0, 1].tolist(), start=1)),
        },
        y="out",
    )
