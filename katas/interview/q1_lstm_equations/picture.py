"""What your latch keeps, and how your memory falls behind an open forget gate."""

import torch

from grader.checks import Submission, record_figure
from grader.checks.weights import run

STEPS = 1000
STORED = (1, 300, 650)


def picture(submission: Submission) -> None:
    """Run torch's LSTM with the weights of `latch` and of `falling_memory`."""
    bits = torch.randint(0, 2, (STEPS,), generator=torch.Generator().manual_seed(0)) * 2.0 - 1
    store = torch.zeros(STEPS)
    for step, bit in zip(STORED, (1.0, -1.0, 1.0), strict=True):
        bits[step - 1], store[step - 1] = bit, 1.0
    _, _, hs = run(submission["latch"](), torch.stack((bits, store), dim=-1)[:, None])
    *weights, xs = submission["falling_memory"]()
    kept, cs, _ = run(tuple(weights), xs[:, None])
    record_figure(
        "Your latch: bits stored at steps 1, 300 and 650, random ones between",
        {"h": list(enumerate(hs[:, 0].tolist(), start=1))},
        y="h",
    )
    record_figure(
        "Your memory falls although its forget gate stays open",
        {
            "c": list(enumerate(cs[:, 0].tolist(), start=1)),
            "f": list(enumerate(kept[:, 0].tolist(), start=1)),
        },
        y="state",
    )
