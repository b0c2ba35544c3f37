"""Another right way: the GRU calls cells that share its parameters, and masks by arithmetic.

The cells sit in a plain list, so torch does not register them again under other names.
"""

import torch
from torch import Tensor, nn


class GRUCell(nn.Module):
    """One step of a GRU, each gate with a matrix of its own cut out of the stacked ones."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(3 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(3 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(3 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(3 * hidden_size)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / hidden_size**0.5, 1 / hidden_size**0.5)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """Take one step: x (N, input_size); h (N, hidden_size), old and new."""
        h = x.new_zeros(len(x), self.hidden_size) if state is None else state
        r = (self._part(0, "ih", x) + self._part(0, "hh", h)).sigmoid()
        z = (self._part(1, "ih", x) + self._part(1, "hh", h)).sigmoid()
        n = (self._part(2, "ih", x) + self._part(2, "hh", h) * r).tanh()
        return torch.lerp(n, h, z)

    def _part(self, k: int, kind: str, value: Tensor) -> Tensor:
        rows = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
        part = value @ getattr(self, f"weight_{kind}")[rows].T
        bias = getattr(self, f"bias_{kind}")
        return part if bias is None else part + bias[rows]


class GRU(nn.Module):
    """Stacked GRU layers in one or two directions."""

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
        self.layers: list[list[GRUCell]] = []
        endings = ["", "_reverse"][: 2 if bidirectional else 1]
        for layer in range(num_layers):
            features = len(endings) * hidden_size if layer else input_size
            self.layers.append([GRUCell(features, hidden_size, bias) for _ in endings])
            for ending, cell in zip(endings, self.layers[-1], strict=True):
                for name, parameter in cell.named_parameters():
                    setattr(self, f"{name}_l{layer}{ending}", parameter)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size)."""
        xs = list(x.unbind(1 if self.batch_first else 0))
        n = xs[0].shape[0]
        if lengths is None:
            masks = [x.new_ones(n, 1) for _ in xs]
        else:
            masks = [(lengths > t).to(x.dtype).unsqueeze(1) for t in range(len(xs))]
        ends: list[Tensor] = []
        for layer, cells in enumerate(self.layers):
            if layer:
                xs = [self.between_layers(step) for step in xs]
            tracks = []
            for cell in cells:
                h = x.new_zeros(n, cell.hidden_size) if state is None else state[len(ends)]
                track: list[Tensor] = [h] * len(xs)
                times = range(len(xs)) if cell is cells[0] else range(len(xs) - 1, -1, -1)
                for t in times:
                    new_h = cell(xs[t], h)
                    h = masks[t] * new_h + (1 - masks[t]) * h
                    track[t] = masks[t] * new_h
                tracks.append(track)
                ends.append(h)
            xs = [torch.cat(steps, dim=1) for steps in zip(*tracks, strict=True)]
        return torch.stack(xs, dim=1 if self.batch_first else 0), torch.stack(ends)
