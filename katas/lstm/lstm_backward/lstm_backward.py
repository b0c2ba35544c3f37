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
    raise NotImplementedError


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
    raise NotImplementedError
