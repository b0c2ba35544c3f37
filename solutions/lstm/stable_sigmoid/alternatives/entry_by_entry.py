"""The logistic sigmoid, one number at a time, as one would write it in C."""

import math

import numpy as np


def _sigmoid_of_number(x: float) -> float:
    if x < 0:
        growth = math.exp(x)
        return growth / (1.0 + growth)
    return 1.0 / (1.0 + math.exp(-x))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry, rounded to the dtype of `x` at the end."""
    values = [_sigmoid_of_number(float(entry)) for entry in x.flat]
    return np.array(values, dtype=x.dtype).reshape(x.shape)
