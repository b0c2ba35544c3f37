# status: FORBIDDEN
# says: numpy.errstate
import numpy as np


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))
