"""Another right way: the layer is a running fold over the steps, and a cell is a closure.

`itertools.accumulate` keeps every state on the way, the first one too; out and the last state are
then read from that list.
"""

from itertools import accumulate

import torch
from torch import Tensor, nn

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
State = tuple[Tensor, Tensor]


class LSTMCell(nn.Module):
    """One step of an LSTM, as one product with [x, h]."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        sizes = {"weight_ih": (input_size,), "weight_hh": (hidden_size,)}
        if bias:
            sizes.update(bias_ih=(), bias_hh=())
        for name, size in sizes.items():
            value = torch.rand(4 * hidden_size, *size).sub(0.5).mul(2 / hidden_size**0.5)
            setattr(self, name, nn.Parameter(value))

    def forward(self, x: Tensor, state: State | None = None) -> State:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        return advance(x, state, *self.parameters())


def advance(x: Tensor, state: State | None, w_ih: Tensor, w_hh: Tensor, *biases: Tensor) -> State:
    """Take one step with the parameters of one cell, biases or none."""
    if state is None:
        state = (torch.zeros_like(x[:, :1] @ w_hh[:1]),) * 2
    h, c = state
    gates = torch.cat([x, h], dim=1) @ torch.cat([w_ih, w_hh], dim=1).T + sum(biases)
    i, f, g, o = torch.split(gates, w_hh.shape[1], dim=1)
    c = c * torch.sigmoid(f) + torch.tanh(g) * torch.sigmoid(i)
    return torch.tanh(c) * torch.sigmoid(o), c


class LSTM(LSTMCell):
    """One LSTM layer in one direction: a cell with other names, and a loop."""

    def __init__(
        self, input_size: int, hidden_size: int, batch_first: bool = False, bias: bool = True
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        self.batch_first = batch_first
        for name in [name for name in NAMES if name in self._parameters]:
            self.register_parameter(f"{name}_l0", self._parameters.pop(name))

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read whole sequences: x (T, N, input_size), state (1, N, hidden_size) twice."""
        weights = list(self.parameters())
        steps = x.swapaxes(0, 1) if self.batch_first else x
        if state is None:
            state = (x.new_zeros(1, steps.shape[1], weights[1].shape[1]),) * 2
        start = (state[0].squeeze(0), state[1].squeeze(0))
        path = list(accumulate(steps, lambda s, row: advance(row, s, *weights), initial=start))[1:]
        out = torch.stack([h for h, _ in path], dim=int(self.batch_first))
        return out, (path[-1][0].unsqueeze(0), path[-1][1].unsqueeze(0))
