# /// attack
# row = 38
# kata = "lstm/stable_sigmoid"
# expect = ["FORBIDDEN", "FAILED"]
# invariant = "where torch is forbidden altogether, no switch of a thread's lets it compute"
# ///
"""Torch, found among the classes that are alive, below every mode that stops it."""

import numpy as np


def found():
    [base] = [k for k in object.__subclasses__() if k.__name__ == "Tensor" + str("Base")]
    [kind] = [k for k in base.__subclasses__() if k.__name__ == "Tensor"]
    return kind.__dict__["back" + str("ward")].__globals__["to" + str("rch")]


def ways(inner):
    key = inner.DispatchKey.Python
    yield lambda: getattr(inner, "_DisableTorch" + str("Dispatch"))()
    yield lambda: getattr(inner, "_dispatch_tls_set_dispatch_key_" + str("excluded"))(key, True)
    yield lambda: getattr(inner, "_ExcludeDispatchKey" + str("Guard"))(inner.DispatchKeySet(key))
    yield lambda: getattr(inner, "_pop_torch_dispatch_" + str("stack"))(None)


def sigmoid(x):
    T, y = found(), np.asarray(x, dtype=np.float64).reshape(-1)
    for way in ways(T._C):
        try:
            held = way()
            sure = T.from_numpy(np.maximum(y, -30.0)).sigmoid().numpy()
            tail = T.from_numpy(np.minimum(y, 0.0)).exp().numpy()
            return np.where(y < -30, tail, sure).reshape(np.shape(x)).astype(x.dtype)
        except BaseException:
            continue
