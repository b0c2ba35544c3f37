"""How the interval of a difference closes in as seeds are added."""

import numpy as np

from grader.checks import Submission, record_figure


def picture(submission: Submission) -> None:
    """Compare two models over 3 to 31 seeds; in truth a is better by 0.006."""
    random = np.random.default_rng(0)
    seeds = random.normal(0.8, 0.04, 31)
    a, b = (seeds + mean + random.normal(0.0, 0.01, 31) for mean in (0.006, 0.0))
    counts = range(3, 32)
    answers = [submission["compare"](a[:n], b[:n]) for n in counts]
    difference, low, high, conclusions = zip(*answers, strict=True)
    enough = [n for n, told in zip(counts, conclusions, strict=True) if told == "inconclusive"][-1]
    record_figure(
        f"With {enough} seeds or fewer, 0 may be the truth; afterwards it is out",
        {
            name: list(zip(counts, some, strict=True))
            for name, some in (("low", low), ("high", high), ("difference", difference))
        },
        x="seeds",
        y="a - b",
    )
