# status: FAILED
# fails: raises_no_warning
# told: overflow
import numpy as np


def sigmoid(x):
    return np.reciprocal(np.exp(np.negative(x)) + 1)
