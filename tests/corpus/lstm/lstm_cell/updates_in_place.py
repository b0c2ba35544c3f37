# status: FAILED
# fails: leaves_inputs_unchanged
# told: c_overwritten
# says: The call modified c
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = c if c.requires_grad else c.data
    new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    if not c.requires_grad:
        c[:] = new
    return torch.sigmoid(o) * torch.tanh(new), new
