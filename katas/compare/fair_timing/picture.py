"""How the interval closes in on the ratio of two speeds as rounds are added."""

import numpy as np

from grader.checks import Submission, record_figure

ROUNDS, RATIO = 202, 0.9


def picture(submission: Submission) -> None:
    """Time a and b in turns: noise, drift and pauses, and in truth a takes 0.9 times as long."""
    random = np.random.default_rng(8)
    drift = np.linspace(1.0, 1.5, ROUNDS)
    times = [drift * random.lognormal(0.0, 0.1, ROUNDS) for _ in range(2)]
    for some in times:
        some[random.random(ROUNDS) < 0.05] *= 5.0
    a, b = RATIO * times[0], times[1]
    rounds = range(10, ROUNDS + 1, 4)
    answers = [submission["compare_speed"](a[:n], b[:n]) for n in rounds]
    ratio, low, high, _ = zip(*answers, strict=True)
    record_figure(
        "The true ratio is 0.9: what your interval knows after n rounds",
        {
            name: list(zip(rounds, some, strict=True))
            for name, some in (("low", low), ("high", high), ("ratio", ratio))
        },
        x="rounds",
        y="a / b",
    )
