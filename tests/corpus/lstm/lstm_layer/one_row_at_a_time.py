# status: PASSED
"""Runs every sequence alone, turned round for the reverse direction; lengths are plain slices."""

import torch
from torch import nn

GATES = ("sigmoid", "sigmoid", "tanh", "sigmoid")


def uniform(size, *shape):
    return nn.Parameter((2 * torch.rand(*shape) - 1) / size**0.5)


def step(weights, x, h, c):
    w_ih, w_hh, *biases = weights
    z = sum(biases, x @ w_ih.T + h @ w_hh.T)
    i, f, g, o = (getattr(torch, name)(part) for name, part in zip(GATES, z.chunk(4, -1)))
    c = f * c + i * g
    return o * c.tanh(), c


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.size = hidden_size
        self.weight_ih = uniform(hidden_size, 4 * hidden_size, input_size)
        self.weight_hh = uniform(hidden_size, 4 * hidden_size, hidden_size)
        self.biased = bias
        if bias:
            self.bias_ih = uniform(hidden_size, 4 * hidden_size)
            self.bias_hh = uniform(hidden_size, 4 * hidden_size)

    def forward(self, x, state=None):
        h, c = state or [x.new_zeros(len(x), self.size)] * 2
        return step(list(self.parameters()), x, h, c)


class LSTM(nn.Module):
    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bidirectional=False,
        batch_first=False,
        bias=True,
        dropout=0.0,
    ):
        super().__init__()
        self.size, self.layers, self.ways = hidden_size, num_layers, 1 + bidirectional
        self.batch_first, self.p = batch_first, dropout
        self.rows = []
        for layer in range(num_layers):
            width = self.ways * hidden_size if layer else input_size
            for way in range(self.ways):
                ends = {"weight_ih": (width,), "weight_hh": (hidden_size,)}
                ends |= {"bias_ih": (), "bias_hh": ()} if bias else {}
                names = []
                for name, end in ends.items():
                    names.append(f"{name}_l{layer}" + "_reverse" * way)
                    self.register_parameter(names[-1], uniform(hidden_size, 4 * hidden_size, *end))
                self.rows.append(names)

    def forward(self, x, state=None, lengths=None):
        x = x if self.batch_first else x.transpose(0, 1)
        total = x.shape[1]
        lengths = [total] * len(x) if lengths is None else lengths.tolist()
        if state is None:
            state = [x.new_zeros(len(self.rows), len(x), self.size)] * 2
        outs, hs, cs = [], [], []
        for k, length in enumerate(lengths):
            out, h, c = self.one(x[k, :length], state[0][:, k], state[1][:, k])
            outs.append(torch.cat([out, out.new_zeros(total - length, out.shape[1])]))
            hs.append(h)
            cs.append(c)
        out = torch.stack(outs, dim=0 if self.batch_first else 1)
        return out, (torch.stack(hs, dim=1), torch.stack(cs, dim=1))

    def one(self, sequence, h0, c0):
        """One sequence (T, features), its states (layers * ways, size)."""
        last_h, last_c = [], []
        for row, names in enumerate(self.rows):
            layer, way = divmod(row, self.ways)
            if way == 0 and layer:
                sequence = nn.functional.dropout(torch.cat(parts, 1), self.p, self.training)
            parts = parts if way else []
            weights = [getattr(self, name) for name in names]
            h, c, steps = h0[row], c0[row], []
            for x in sequence.flip(0) if way else sequence:
                h, c = step(weights, x, h, c)
                steps.append(h)
            parts.append(torch.stack(steps[::-1] if way else steps))
            last_h.append(h)
            last_c.append(c)
        return torch.cat(parts, 1), torch.stack(last_h), torch.stack(last_c)
