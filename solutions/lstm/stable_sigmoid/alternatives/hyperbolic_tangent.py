"""The logistic sigmoid as a tanh: the same curve, half as tall and twice as wide."""

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid of every entry; the library's tanh is safe everywhere."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)
