"""All pre-activation gradients first; one matrix product per weight afterwards."""

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
    """Run the layer; the states are stored with the initial one in front."""
    n, steps, _ = x.shape
    size = h0.shape[1]
    hs = np.empty((steps + 1, n, size), dtype=x.dtype)
    cs = np.empty_like(hs)
    gates = np.empty((steps, 4, n, size), dtype=x.dtype)
    hs[0], cs[0] = h0, c0
    from_inputs = np.einsum("nti,gi->tng", x, w_ih) + b  # (T, N, 4H): no recurrence, all at once
    for t in range(steps):
        a = (from_inputs[t] + hs[t] @ w_hh.T).reshape(n, 4, size).transpose(1, 0, 2)
        # σ(a) = (1 + tanh(a / 2)) / 2 needs no exp of ours.
        gates[t] = 0.5 * (1 + np.tanh(0.5 * a))
        gates[t, 2] = np.tanh(a[2])
        i, f, g, o = gates[t]
        cs[t + 1] = f * cs[t] + i * g
        hs[t + 1] = o * np.tanh(cs[t + 1])
    cache = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "hs": hs, "cs": cs, "gates": gates}
    return hs[1:].transpose(1, 0, 2).copy(), cs[-1].copy(), cache


def lstm_backward(
    dhs: np.ndarray, dc_last: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Walk back through time for the states alone, then contract over batch and time."""
    hs, cs, gates = cache["hs"], cache["cs"], cache["gates"]
    steps, _, n, size = gates.shape
    da = np.empty_like(gates)
    dh, dc = np.zeros_like(dc_last), dc_last.copy()
    for t in range(steps - 1, -1, -1):
        i, f, g, o = gates[t]
        tanh_c = np.tanh(cs[t + 1])
        dh = dh + dhs[:, t]
        dc = dc + dh * o * (1 - tanh_c * tanh_c)
        da[t] = dc * g, dc * cs[t], dc * i, dh * tanh_c
        da[t] *= gates[t] * (1 - gates[t])
        da[t, 2] = dc * i * (1 - g * g)
        dh = np.einsum("gnh,ghk->nk", da[t], cache["w_hh"].reshape(4, size, size))
        dc = dc * f
    da = da.transpose(2, 0, 1, 3).reshape(n, steps, 4 * size)
    dx = da @ cache["w_ih"]
    dw_ih = np.einsum("ntg,nti->gi", da, cache["x"])
    dw_hh = np.einsum("ntg,tnh->gh", da, hs[:-1])
    return dx, dh, dc, dw_ih, dw_hh, da.sum(axis=(0, 1))
