# status: FAILED
# fails: keeps_h_where_z_is_1
# told: update_gate_turned_round
import torch


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    a, b = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    size = h.size(1)
    r, z = torch.sigmoid(a + b)[:, : 2 * size].chunk(2, 1)
    n = torch.tanh(a[:, 2 * size :] + r * b[:, 2 * size :])
    return z * n + (1 - z) * h
