# status: FAILED
# fails: raises_no_warning
# told: both_forms_everywhere
import numpy as np


def sigmoid(x):
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))
