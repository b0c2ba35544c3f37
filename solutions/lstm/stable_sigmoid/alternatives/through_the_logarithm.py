"""The logistic sigmoid by way of its logarithm, log σ(x) = -log(e^0 + e^-x)."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry; `logaddexp` factors the larger exponential out."""
    return np.exp(-np.logaddexp(0, -x))
