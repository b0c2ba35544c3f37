"""No autograd: the backward pass by hand, with the incoming gradients zeroed at the boundaries."""

import torch
from torch import Tensor


def truncated_bptt(
    x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Walk forward once and backward once; no gradient is handed from a chunk to the one before."""
    w_ih, w_hh = weights["weight_ih_l0"], weights["weight_hh_l0"]
    bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    h = c = torch.zeros_like(v[:, 0])
    loss = torch.zeros((), dtype=x.dtype)
    saved = []
    for x_t, v_t in zip(x.unbind(1), v.unbind(1), strict=True):
        i, f, g, o = (x_t @ w_ih.T + h @ w_hh.T + bias).chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        saved.append((x_t, v_t, h, c, i, f, g, o))
        c = f * c + i * g
        h = o * c.tanh()
        loss = loss + (v_t * h).sum()
    dw_ih, dw_hh, db = torch.zeros_like(w_ih), torch.zeros_like(w_hh), torch.zeros_like(bias)
    dh = dc = torch.zeros_like(h)
    for t, (x_t, v_t, h, c, i, f, g, o) in reversed(list(enumerate(saved))):
        if (t + 1) % k == 0:
            dh = dc = torch.zeros_like(h)
        squashed = (f * c + i * g).tanh()
        dh = dh + v_t
        dc = dc + dh * o * (1 - squashed**2)
        da = torch.cat(
            [
                dc * g * i * (1 - i),
                dc * c * f * (1 - f),
                dc * i * (1 - g**2),
                dh * squashed * o * (1 - o),
            ],
            dim=1,
        )
        dw_ih += da.T @ x_t
        dw_hh += da.T @ h
        db += da.sum(dim=0)
        dh, dc = da @ w_hh, dc * f
    grads = {"weight_ih_l0": dw_ih, "weight_hh_l0": dw_hh}
    return loss, grads | {"bias_ih_l0": db, "bias_hh_l0": db.clone()}
