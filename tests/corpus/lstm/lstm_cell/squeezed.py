# status: FAILED
# fails: keeps_shape_and_dtype
# told: squeezed_batch
# says: expected (1, 1) = (batch, unit)
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(c)).squeeze(), c.squeeze()
