"""A loop over the batch, σ from tanh, einsum for the products, a list for the answer."""

import torch


def _sigmoid(z):
    return 0.5 * (torch.tanh(0.5 * z) + 1.0)


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the next hidden and cell state."""
    hs, cs = [], []
    for x_n, h_n, c_n in zip(x, h, c, strict=True):
        z = torch.einsum("gi,i->g", w_ih, x_n) + torch.einsum("gh,h->g", w_hh, h_n) + b_ih + b_hh
        i, f, g, o = torch.split(z, h.size(1))
        cs.append(_sigmoid(f) * c_n + _sigmoid(i) * torch.tanh(g))
        hs.append(_sigmoid(o) * torch.tanh(cs[-1]))
    return [torch.stack(hs), torch.stack(cs)]
