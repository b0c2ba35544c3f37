# status: PASSED
import torch


def one(x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = w_ih.mv(x) + w_hh.mv(h) + b_ih + b_hh
    n = len(h)
    i, f, g, o = z[:n], z[n : 2 * n], z[2 * n : 3 * n], z[3 * n :]
    new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(new), new


def lstm_cell(x, h, c, *weights):
    pairs = [one(x[k], h[k], c[k], *weights) for k in range(x.size(0))]
    hs, cs = zip(*pairs)
    return torch.stack(hs), torch.stack(cs)
