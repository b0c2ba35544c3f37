# status: FAILED
# fails: state_dict_both_ways
import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        k = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-k, k))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-k, k))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k))

    def forward(self, x, state=None):
        size = self.weight_hh.shape[1]
        h, c = (x.new_zeros(len(x), size),) * 2 if state is None else state
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        if hasattr(self, "bias_ih"):
            z = z + self.bias_ih + self.bias_hh
        i, f, g, o = z.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class LSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, **ignored):
        super().__init__()
        widths = [input_size] + [hidden_size] * (num_layers - 1)
        self.cells = nn.ModuleList(LSTMCell(width, hidden_size) for width in widths)

    def forward(self, x, state=None, lengths=None):
        return x, state
