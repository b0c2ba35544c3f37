"""Wrong on purpose: decides where x is positive once per shape, and remembers it."""

import numpy as np

_positive: dict[tuple[int, ...], np.ndarray] = {}


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry, with the signs of the first x of this shape."""
    positive = _positive.setdefault(x.shape, x >= 0)
    decay = np.exp(-np.abs(x))
    return np.where(positive, 1 / (1 + decay), decay / (1 + decay))
