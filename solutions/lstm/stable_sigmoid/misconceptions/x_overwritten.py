"""Wrong on purpose: uses the caller's array as scratch space."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry, and leave x destroyed."""
    negative = x < 0
    np.abs(x, out=x)
    np.exp(-x, out=x)
    return np.where(negative, x, 1) / (1 + x)
