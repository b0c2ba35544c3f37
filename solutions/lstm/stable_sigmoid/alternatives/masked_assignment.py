"""The logistic sigmoid, one half of the line at a time."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry: each half has the form whose exponent is negative."""
    answer = np.empty_like(x)
    right = x >= 0
    answer[right] = 1 / (1 + np.exp(-x[right]))
    growth = np.exp(x[~right])
    answer[~right] = growth / (1 + growth)
    return answer
