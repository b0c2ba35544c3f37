# status: FAILED
# fails: matches_torch
# told: recurrent_bias_left_out
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    rows = []
    for k in range(len(x)):
        i, f, g, o = (w_ih @ x[k] + w_hh @ h[k] + b_ih).view(4, -1)
        new = torch.sigmoid(f) * c[k] + torch.sigmoid(i) * torch.tanh(g)
        rows.append(torch.stack([torch.sigmoid(o) * torch.tanh(new), new]))
    return torch.stack(rows).unbind(1)
