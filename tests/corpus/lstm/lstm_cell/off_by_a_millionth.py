# status: FAILED
# says: has wrong values
# Far below any guessed tolerance, far above what rounding explains in float64.
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + 1e-6
    return torch.sigmoid(o) * torch.tanh(c), c
