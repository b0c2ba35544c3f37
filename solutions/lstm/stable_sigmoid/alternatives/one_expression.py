"""The logistic sigmoid in one expression for both halves of the line."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry: e^min(x, 0) / (1 + e^-|x|)."""
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
