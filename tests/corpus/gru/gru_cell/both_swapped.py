# status: FAILED
# told: reset_and_update_swapped
import torch


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    az, ar, an = (x @ w_ih.T + b_ih).chunk(3, 1)
    bz, br, bn = (h @ w_hh.T + b_hh).chunk(3, 1)
    z, r = torch.sigmoid(az + bz), torch.sigmoid(ar + br)
    return (1 - z) * torch.tanh(an + r * bn) + z * h
