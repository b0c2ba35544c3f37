# status: PASSED
import numpy


def sigmoid(x):
    half = x.dtype.type(0.5)
    return half * (numpy.tanh(half * x) + 1)
