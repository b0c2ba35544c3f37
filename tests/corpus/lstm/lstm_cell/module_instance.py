# status: PASSED
from torch import nn
from torch.nn import functional as F


class Step(nn.Module):
    def forward(self, x, h, c, w_ih, w_hh, b_ih, b_hh):
        i, f, g, o = (F.linear(x, w_ih, b_ih) + F.linear(h, w_hh, b_hh)).chunk(4, 1)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
        return F.sigmoid(o) * F.tanh(c), c


lstm_cell = Step()
