"""Each operation returns its value and its pullback; the cache is the list of pullbacks."""

from collections.abc import Callable
from typing import Any

import numpy as np

Pullback = Callable[..., Any]


def lstm_forward(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Run the layer, recording how to go back through each step."""
    h, c = h0, c0
    hs: list[np.ndarray] = []
    tape: list[Pullback] = []
    for x_t in np.moveaxis(x, 1, 0):
        h, c, pullback = _step(x_t, h, c, w_ih, w_hh, b)
        hs.append(h)
        tape.append(pullback)
    return np.stack(hs, axis=1), c, tape


def lstm_backward(
    dhs: np.ndarray, dc_last: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Call the pullbacks from the last to the first and add up what each says of the weights."""
    dh, dc = np.zeros_like(dc_last), dc_last
    dxs: list[np.ndarray] = []
    totals: tuple[Any, ...] = (0, 0, 0)
    for t, pullback in reversed(list(enumerate(cache))):
        dx_t, dh, dc, *of_weights = pullback(dhs[:, t] + dh, dc)
        dxs.insert(0, dx_t)
        totals = tuple(total + new for total, new in zip(totals, of_weights, strict=True))
    return np.stack(dxs, axis=1), dh, dc, *totals


def _step(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, Pullback]:
    a_i, a_f, a_g, a_o = np.array_split(w_ih @ x.T + w_hh @ h.T + b[:, None], 4)
    i, back_i = _sigmoid(a_i.T)
    f, back_f = _sigmoid(a_f.T)
    g, back_g = _tanh(a_g.T)
    o, back_o = _sigmoid(a_o.T)
    c_new = f * c + i * g
    squashed, back_c = _tanh(c_new)

    def pullback(dh: np.ndarray, dc: np.ndarray) -> tuple[np.ndarray, ...]:
        dc = dc + back_c(dh * o)
        da = np.hstack([back_i(dc * g), back_f(dc * c), back_g(dc * i), back_o(dh * squashed)])
        return da @ w_ih, da @ w_hh, dc * f, da.T @ x, da.T @ h, da.sum(0)

    return o * squashed, c_new, pullback


def _sigmoid(a: np.ndarray) -> tuple[np.ndarray, Pullback]:
    s = np.exp(-np.logaddexp(np.zeros_like(a), -a))
    return s, lambda ds: ds * s * (1 - s)


def _tanh(a: np.ndarray) -> tuple[np.ndarray, Pullback]:
    y = np.tanh(a)
    return y, lambda dy: dy * (1 - y**2)
