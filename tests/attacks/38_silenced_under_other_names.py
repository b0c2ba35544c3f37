# /// attack
# row = 38
# kata = "lstm/stable_sigmoid"
# expect = ["FORBIDDEN", "FAILED"]
# points = 8
# invariant = "a warning that is silenced under a name put together is stopped, or seen all the same"
# ///
"""Ways to silence NumPy: its classes, what is below them, and the module of warnings."""

import sys

import numpy as np

MODULES = vars(sys)["modules"]


def first(x):
    return np.where(x < -30, np.exp(np.minimum(x, 0)), 1 / (1 + np.exp(-x)))


def by_class(x):
    with getattr(np, "err" + str("state"))(all="ignore"):
        return first(x)


def without_making_it(x):
    kind = getattr(np, "err" + str("state"))
    quiet = object.__new__(kind)
    quiet._token, quiet._call, quiet._all = None, None, "ignore"
    quiet._divide = quiet._over = quiet._under = quiet._invalid = None
    return quiet(first)(x)


def below(x):
    inner = MODULES["numpy._core." + "umath"]
    token = inner._extobj_contextvar.set(getattr(inner, "_make_" + str("extobj"))(all="ignore"))
    try:
        return first(x)
    finally:
        inner._extobj_contextvar.reset(token)


def by_warnings(x):
    quiet = MODULES["warn" + str("ings")]
    with quiet.catch_warnings():
        quiet.simplefilter("ignore")
        return first(x)


def sigmoid(x):
    for way in (by_class, without_making_it, below, by_warnings):
        try:
            return way(x)
        except BaseException:
            continue
