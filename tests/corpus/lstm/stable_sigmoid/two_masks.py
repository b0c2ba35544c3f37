# status: PASSED
import numpy as np


def sigmoid(x):
    answer = np.empty_like(x)
    right = x >= 0
    answer[right] = 1 / (1 + np.exp(-x[right]))
    grown = np.exp(x[~right])
    answer[~right] = grown / (1 + grown)
    return answer
