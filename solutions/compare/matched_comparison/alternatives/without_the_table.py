"""Bisection for the size; t from its own density by Simpson's rule, without the table."""

from functools import lru_cache
from math import exp, lgamma, log, log1p, pi, sqrt

import numpy as np


def matched_hidden_size(kind, parameters, input_size):
    """Halve the interval between a size that fits and one that does not."""
    blocks = ("rnn", "", "gru", "lstm").index(kind) + 1
    fits, too_large = 0, parameters + 1
    while too_large - fits > 1:
        middle = (fits + too_large) // 2
        if blocks * middle * (input_size + middle + 2) <= parameters:
            fits = middle
        else:
            too_large = middle
    if fits == 0:
        raise ValueError(f"{parameters} parameters buy no {kind}")
    return fits


@lru_cache
def student(freedom):
    """Find t with 95% of the density between -t and t."""
    scale = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2

    def density(x):
        return exp(scale - (freedom + 1) / 2 * log1p(x * x / freedom))

    def within(t, pieces=800):
        x = np.linspace(0, t, pieces + 1)
        y = np.exp(scale - (freedom + 1) / 2 * np.log1p(x * x / freedom))
        return 2 * t / pieces / 3 * (y[0] + 4 * y[1::2].sum() + 2 * y[2:-1:2].sum() + y[-1])

    t = 2.0
    for _ in range(50):
        step = (within(t) - 0.95) / (2 * density(t))
        t = t - step
        if abs(step) < 1e-13 * t:
            break
    return t


def compare(scores_a, scores_b):
    """Compare with sums of squares."""
    d = np.subtract(scores_a, scores_b)
    n = d.size
    if n < 2:
        raise ValueError("n < 2")
    mean = d.sum() / n
    e = sqrt(np.square(d - mean).sum() / (n - 1) / n)
    ends = mean + np.array([-1.0, 1.0]) * student(n - 1) * e
    conclusion = "inconclusive"
    if np.sign(ends).sum() == 2:
        conclusion = "a is better"
    if np.sign(ends).sum() == -2:
        conclusion = "b is better"
    return (mean.item(), *ends.tolist(), conclusion)
