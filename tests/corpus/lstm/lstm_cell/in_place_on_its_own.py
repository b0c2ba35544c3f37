# status: PASSED
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = x @ w_ih.T
    z += b_ih
    z += h @ w_hh.T
    z += b_hh
    n = h.shape[1]
    squashed = torch.empty_like(z)
    squashed[:, : 2 * n] = torch.sigmoid(z[:, : 2 * n])
    squashed[:, 2 * n : 3 * n] = torch.tanh(z[:, 2 * n : 3 * n])
    squashed[:, 3 * n :] = torch.sigmoid(z[:, 3 * n :])
    i, f, g, o = squashed.chunk(4, 1)
    c = c.clone().mul_(f).add_(i * g)
    return o * c.tanh(), c
