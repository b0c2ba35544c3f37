# status: FAILED
# fails: has_true_tails
# told: shifted_tanh
import numpy


def sigmoid(x):
    half = x.dtype.type(0.5)
    return half * (numpy.tanh(half * x) + 1)
