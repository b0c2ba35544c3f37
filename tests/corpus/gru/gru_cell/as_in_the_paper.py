# status: FAILED
# fails: matches_torch
# told: reset_before_the_product
# The classic: r is multiplied into h before the product, as in Cho et al. (2014).
import torch


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    xr, xz, xn = torch.addmm(b_ih, x, w_ih.t()).chunk(3, 1)
    wr, wz, wn = w_hh.chunk(3)
    br, bz, bn = b_hh.chunk(3)
    r = torch.sigmoid(xr + h @ wr.T + br)
    z = torch.sigmoid(xz + h @ wz.T + bz)
    n = torch.tanh(xn + (r * h) @ wn.T + bn)
    return n + z * (h - n)
