# status: PASSED
from numpy import exp, logaddexp


def sigmoid(x):
    return exp(-logaddexp(x.dtype.type(0), -x))
