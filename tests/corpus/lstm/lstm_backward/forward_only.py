# status: NOT_IMPLEMENTED
# says: lstm_backward still raises NotImplementedError
import numpy as np


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


def lstm_forward(x, h0, c0, w_ih, w_hh, b):
    h, c, hs = h0, c0, []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
    return np.stack(hs, axis=1), c, None


def lstm_backward(dhs, dc_last, cache):
    raise NotImplementedError
