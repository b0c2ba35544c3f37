"""Wrong on purpose: clips the caller's array in place, so only far entries change."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry, and leave no entry of x beyond 1000."""
    np.clip(x, -1000, 1000, out=x)
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))
