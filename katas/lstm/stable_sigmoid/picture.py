"""The far tail of the sigmoid in float32: the learner's, and what the textbook's formula gives."""

import numpy as np

from grader.checks import Submission, record_figure


def picture(submission: Submission) -> None:
    """Go left from -60 to -100; a value of 0 has no place on a logarithmic axis."""
    x = np.arange(-100.0, -59.5, 0.5, dtype=np.float32)
    with np.errstate(over="ignore"):
        textbook = 1 / (1 + np.exp(-x))
    curves = {"yours": submission["sigmoid"](x), "1 / (1 + e^-x)": textbook}
    record_figure(
        "Far left, your sigmoid goes on where the textbook's has become 0",
        {
            name: [(at, value) for at, value in zip(x.tolist(), y.tolist(), strict=True) if value]
            for name, y in curves.items()
        },
        x="x",
        y="float32",
        log=True,
    )
