# status: PASSED
# The cache may be anything: here an object with methods, that never leaves the worker.
from types import SimpleNamespace

import numpy as np


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


class Tape:
    def __init__(self, x, w_ih, w_hh):
        self.x, self.w_ih, self.w_hh, self.steps = x, w_ih, w_hh, []

    def record(self, **values):
        self.steps.append(SimpleNamespace(**values))

    def walk_back(self):
        return reversed(list(enumerate(self.steps)))


def lstm_forward(x, h0, c0, w_ih, w_hh, b):
    tape, h, c, hs = Tape(x, w_ih, w_hh), h0, c0, []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        tape.record(h=h, c=c, i=i, f=f, g=g, o=o)
        c = f * c + i * g
        h = o * np.tanh(c)
        hs.append(h)
    return [np.stack(hs, axis=1), c, tape]


def lstm_backward(dhs, dc_last, cache):
    dx = np.zeros_like(cache.x)
    dw_ih, dw_hh = np.zeros_like(cache.w_ih), np.zeros_like(cache.w_hh)
    db = np.zeros(len(dw_ih), dw_ih.dtype)
    dh, dc = np.zeros_like(dc_last), dc_last.copy()
    for t, s in cache.walk_back():
        dh = dh + dhs[:, t]
        squashed = np.tanh(s.f * s.c + s.i * s.g)
        dc = dc + dh * s.o * (1 - squashed * squashed)
        parts = (
            dc * s.g * s.i * (1 - s.i),
            dc * s.c * s.f * (1 - s.f),
            dc * s.i * (1 - s.g * s.g),
            dh * squashed * s.o * (1 - s.o),
        )
        da = np.hstack(parts)
        dx[:, t] = da @ cache.w_ih
        dw_ih += np.einsum("ng,ni->gi", da, cache.x[:, t])
        dw_hh += np.einsum("ng,nh->gh", da, s.h)
        db += da.sum(0)
        dh, dc = da @ cache.w_hh, dc * s.f
    return dx, dh, dc, dw_ih, dw_hh, db
