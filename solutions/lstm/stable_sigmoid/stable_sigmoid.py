"""The logistic sigmoid, safe for every finite number."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic sigmoid of every entry, without overflow.

        σ(x) = 1 / (1 + e^-x)

    Args:
        x: array of any shape with at least one axis, float32 or float64, any finite values.

    Returns:
        Array of the same shape and dtype, values from 0 to 1.

    Source: Goodfellow, Bengio, Courville 2016, section 3.10.
    """
    # e^-|x| lies between 0 and 1 whatever the sign of x: it can underflow, never overflow.
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))
