"""An LSTM and its backward pass through time, in NumPy."""

from typing import Any

import numpy as np


def lstm_forward(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Run one LSTM layer over a batch of sequences and keep what the backward pass needs.

    a_t = x_t w_ihᵀ + h_{t-1} w_hhᵀ + b, split into the blocks i, f, g, o;
    c_t = σ(f) ⊙ c_{t-1} + σ(i) ⊙ tanh(g);  h_t = σ(o) ⊙ tanh(c_t)

    Args:
        x: inputs, (N, T, I), float32 or float64; all other arguments have this dtype.
        h0: hidden state before the first step, (N, H).
        c0: cell state before the first step, (N, H).
        w_ih: input weights, (4H, I), row blocks i, f, g, o.
        w_hh: recurrent weights, (4H, H), in the same order.
        b: bias, (4H,).

    Returns:
        hs, the hidden states h_1 ... h_T, (N, T, H), in x's dtype;
        c_last, the cell state c_T, (N, H), in x's dtype;
        cache, anything that your `lstm_backward` needs.

    Source: Gers, Schmidhuber and Cummins (2000), "Learning to forget".

    """
    batch, steps, _ = x.shape
    hs = np.empty((batch, steps, h0.shape[1]), dtype=x.dtype)
    h, c = h0, c0
    saved = []
    for t in range(steps):
        a = x[:, t] @ w_ih.T + h @ w_hh.T + b
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        i, f, g, o = _sigmoid(a_i), _sigmoid(a_f), np.tanh(a_g), _sigmoid(a_o)
        h_before, c_before = h, c
        c = f * c_before + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        hs[:, t] = h
        saved.append((h_before, c_before, i, f, g, o, tanh_c))
    return hs, c, (x, w_ih, w_hh, saved)


def lstm_backward(
    dhs: np.ndarray, dc_last: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradient of a loss with respect to every input of `lstm_forward`.

    L is any loss. Its gradients with respect to hs and c_last are given.

    Args:
        dhs: gradient of L with respect to hs, (N, T, H), float32 or float64.
        dc_last: gradient of L with respect to c_last, (N, H), in the same dtype.
        cache: the third output of `lstm_forward`; it must not be modified.

    Returns:
        The gradients of L, each with the shape and dtype of what it belongs to:
        dx (N, T, I), dh0 (N, H), dc0 (N, H), dw_ih (4H, I), dw_hh (4H, H), db (4H,).

    Source: Werbos (1990), "Backpropagation through time"; Graves (2012), chapter 4.

    """
    # dh_t = dhs_t + w_hhᵀ da_{t+1};  dc_t = dc_{t+1} ⊙ f_{t+1} + dh_t ⊙ o_t ⊙ tanh'(c_t)
    x, w_ih, w_hh, saved = cache
    dx = np.empty_like(x)
    dw_ih = np.zeros_like(w_ih)
    dw_hh = np.zeros_like(w_hh)
    db = np.zeros_like(w_ih[:, 0])
    dh_next = np.zeros_like(dc_last)
    dc_next = dc_last
    for t in reversed(range(len(saved))):
        h_before, c_before, i, f, g, o, tanh_c = saved[t]
        # h_t is used twice: as an output, and by the gates of the step after.
        dh = dhs[:, t] + dh_next
        # c_t too: by h_t, and by c_{t+1}.
        dc = dc_next + dh * o * (1 - tanh_c**2)
        da_i = dc * g * i * (1 - i)
        da_f = dc * c_before * f * (1 - f)
        da_g = dc * i * (1 - g**2)
        da_o = dh * tanh_c * o * (1 - o)
        da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
        dx[:, t] = da @ w_ih
        dw_ih += da.T @ x[:, t]
        dw_hh += da.T @ h_before
        db += da.sum(axis=0)
        dh_next = da @ w_hh
        dc_next = dc * f
    return dx, dh_next, dc_next, dw_ih, dw_hh, db


def _sigmoid(a: np.ndarray) -> np.ndarray:
    # Only exp of a number that is not positive: it may underflow, but never overflows.
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))
