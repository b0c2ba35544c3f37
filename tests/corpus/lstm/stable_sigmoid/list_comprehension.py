# status: FAILED
# fails: keeps_shape_and_dtype
# told: python_list
# says: is a list, expected a NumPy array
import math


def sigmoid(x):
    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))

    def walk(a):
        return [walk(b) for b in a] if a.ndim > 1 else [one(float(v)) for v in a]

    return walk(x)
