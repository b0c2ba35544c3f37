"""Another right way: the LSTM calls cells that share its parameters, and masks by arithmetic.

The cells sit in a plain list, so torch does not register them again under other names.
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
        self.batch_first = batch_first
        self.between_layers = nn.Dropout(dropout)
        self.layers: list[list[LSTMCell]] = []
        endings = ["", "_reverse"][: 2 if bidirectional else 1]
        for layer in range(num_layers):
            features = len(endings) * hidden_size if layer else input_size
            self.layers.append([LSTMCell(features, hidden_size, bias) for _ in endings])
            for ending, cell in zip(endings, self.layers[-1], strict=True):
                for name, parameter in cell.named_parameters():
                    setattr(self, f"{name}_l{layer}{ending}", parameter)

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        xs = list(x.unbind(1 if self.batch_first else 0))
        n = xs[0].shape[0]
        if lengths is None:
            masks = [x.new_ones(n, 1) for _ in xs]
        else:
            masks = [(lengths > t).to(x.dtype).unsqueeze(1) for t in range(len(xs))]
        starts = None if state is None else list(zip(*state, strict=True))
        ends = []
        for layer, cells in enumerate(self.layers):
            if layer:
                xs = [self.between_layers(step) for step in xs]
            tracks = []
            for cell in cells:
                zeros = x.new_zeros(n, cell.hidden_size)
                h, c = (zeros, zeros) if starts is None else starts[len(ends)]
                track: list[Tensor] = [zeros] * len(xs)
                times = range(len(xs)) if cell is cells[0] else range(len(xs) - 1, -1, -1)
                for t in times:
                    new_h, new_c = cell(xs[t], (h, c))
                    h = masks[t] * new_h + (1 - masks[t]) * h
                    c = masks[t] * new_c + (1 - masks[t]) * c
                    track[t] = masks[t] * new_h
                tracks.append(track)
                ends.append((h, c))
            xs = [torch.cat(steps, dim=1) for steps in zip(*tracks, strict=True)]
        h_n, c_n = (torch.stack(part) for part in zip(*ends, strict=True))
        return torch.stack(xs, dim=1 if self.batch_first else 0), (h_n, c_n)
