"""By a shift."""


def double(x):
    return x << 1
