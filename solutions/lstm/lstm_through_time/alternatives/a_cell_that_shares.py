"""Another right way: the layer calls a cell that shares its parameters, and writes into one tensor.

The cell is hidden from torch in a tuple, so that its parameters have no second name. Everything is
batch first inside, and each gate is computed by itself.
"""

import torch
from torch import Tensor, nn


class LSTMCell(nn.Module):
    """One step of an LSTM, each gate with a matrix of its own cut out of the stacked ones."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / hidden_size**0.5, 1 / hidden_size**0.5)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        if state is None:
            state = (x.new_zeros(len(x), self.hidden_size),) * 2
        h, c = state
        i, f, g, o = (self._gate(k, x, h) for k in range(4))
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    def _gate(self, k: int, x: Tensor, h: Tensor) -> Tensor:
        rows = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
        gate = x @ self.weight_ih[rows].T + h @ self.weight_hh[rows].T
        if self.bias_ih is not None:
            gate = gate + (self.bias_ih[rows] + self.bias_hh[rows])
        return gate


class LSTM(nn.Module):
    """One LSTM layer in one direction."""

    def __init__(
        self, input_size: int, hidden_size: int, batch_first: bool = False, bias: bool = True
    ) -> None:
        super().__init__()
        self.batch_first = batch_first
        self.hidden = (LSTMCell(input_size, hidden_size, bias),)
        for name, parameter in self.hidden[0].named_parameters():
            setattr(self, f"{name}_l0", parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (1, N, hidden_size) twice."""
        (cell,) = self.hidden
        rows = x if self.batch_first else x.transpose(0, 1)
        now = None if state is None else (state[0][0], state[1][0])
        out = x.new_empty(rows.shape[0], rows.shape[1], cell.hidden_size)
        for t in range(rows.shape[1]):
            now = cell(rows[:, t], now)
            out[:, t] = now[0]
        if not self.batch_first:
            out = out.transpose(0, 1)
        return out, (now[0][None], now[1][None])
