"""Another right way: time is a Python list, and each run has a cell that shares its parameters.

The cells sit in a plain list, so torch does not register them again under other names.
"""

import torch
from torch import Tensor, nn


class Cell(nn.Module):
    """One step of an LSTM."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / hidden_size**0.5, 1 / hidden_size**0.5)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        gates = x @ self.weight_ih.T + h @ self.weight_hh.T
        if self.bias_ih is not None:
            gates = gates + (self.bias_ih + self.bias_hh)
        i, f, g, o = torch.split(gates, h.shape[1], dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class LSTM(nn.Module):
    """Stacked LSTM layers in one or two directions."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        batch_first: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.time = 1 if batch_first else 0
        self.between_layers = nn.Dropout(dropout)
        self.layers: list[list[Cell]] = []
        endings = ["", "_reverse"][: 2 if bidirectional else 1]
        for layer in range(num_layers):
            features = len(endings) * hidden_size if layer else input_size
            self.layers.append([Cell(features, hidden_size, bias) for _ in endings])
            for ending, cell in zip(endings, self.layers[-1], strict=True):
                for name, parameter in cell.named_parameters():
                    setattr(self, f"{name}_l{layer}{ending}", parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        xs = list(x.unbind(self.time))
        starts = None if state is None else list(zip(*state, strict=True))
        ends: list[tuple[Tensor, Tensor]] = []
        for layer, cells in enumerate(self.layers):
            if layer:
                xs = [self.between_layers(step) for step in xs]
            tracks = []
            for cell in cells:
                zeros = x.new_zeros(len(xs[0]), self.hidden_size)
                h, c = (zeros, zeros) if starts is None else starts[len(ends)]
                track = [zeros] * len(xs)
                for t in range(len(xs)) if cell is cells[0] else range(len(xs) - 1, -1, -1):
                    h, c = cell(xs[t], h, c)
                    track[t] = h
                tracks.append(track)
                ends.append((h, c))
            xs = [torch.cat(steps, dim=1) for steps in zip(*tracks, strict=True)]
        h_n, c_n = (torch.stack(part) for part in zip(*ends, strict=True))
        return torch.stack(xs, dim=self.time), (h_n, c_n)
