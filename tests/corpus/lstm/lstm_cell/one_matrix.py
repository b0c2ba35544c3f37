# status: PASSED
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    ones = torch.ones_like(x[:, :1])
    everything = torch.cat([x, h, ones, ones], dim=1)
    weights = torch.cat([w_ih, w_hh, b_ih[:, None], b_hh[:, None]], dim=1)
    i, f, g, o = torch.tensor_split(everything @ weights.mT, 4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
