"""Another right way: no masks at all. Each sequence is cut to its own length and read alone.

Slow, and hard to get wrong: there is no padding inside a recurrence. The zeros come in at the end.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class GRUCell(nn.Module):
    """One step of a GRU, with the two sums of the candidate as one more gate's worth of rows."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        sizes = {"weight_ih": (input_size,), "weight_hh": (hidden_size,)}
        if bias:
            sizes.update(bias_ih=(), bias_hh=())
        for name, size in sizes.items():
            value = torch.rand(3 * hidden_size, *size).sub(0.5).mul(2 / hidden_size**0.5)
            setattr(self, name, nn.Parameter(value))

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """Take one step: x (N, input_size); h (N, hidden_size), old and new."""
        return advance(x, state, *self.parameters())


def advance(x: Tensor, h: Tensor | None, w_ih: Tensor, w_hh: Tensor, *biases: Tensor) -> Tensor:
    """Take one step with the parameters of one cell, biases or none."""
    size = w_hh.shape[1]
    if h is None:
        h = x.new_zeros(len(x), size)
    b_ih, b_hh = biases or (0.0, 0.0)
    a = x @ w_ih.T + b_ih
    b = h @ w_hh.T + b_hh
    reset = torch.sigmoid(a[:, :size] + b[:, :size])
    take = torch.sigmoid(-(a[:, size:-size] + b[:, size:-size]))  # 1 - z
    return h + take * (torch.tanh(a[:, -size:] + reset * b[:, -size:]) - h)


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
        self.dropout = nn.Dropout(dropout)
        ends = ("", "_reverse") if bidirectional else ("",)
        self.tracks = [[f"_l{layer}{end}" for end in ends] for layer in range(num_layers)]
        width = input_size
        for layer in self.tracks:
            for track in layer:
                for name, parameter in GRUCell(width, hidden_size, bias).named_parameters():
                    setattr(self, name + track, parameter)
            width = hidden_size * len(layer)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size)."""
        sequences = x if self.batch_first else x.transpose(0, 1)
        steps = sequences.shape[1]
        ends = [steps] * len(sequences) if lengths is None else lengths.tolist()
        outs, hs = [], []
        for n, (sequence, end) in enumerate(zip(sequences, ends, strict=True)):
            out, h = self._read(sequence[:end], None if state is None else state[:, n : n + 1])
            outs.append(torch.cat([out, out.new_zeros(steps - end, out.shape[1])]))
            hs.append(h)
        return pad_sequence(outs, batch_first=self.batch_first), torch.cat(hs, dim=1)

    def _read(self, x: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Read one sequence (T, features): out (T, features), h (rows, 1, hidden_size)."""
        finals: list[Tensor] = []
        for layer in self.tracks:
            if finals:
                x = self.dropout(x)
            sides = []
            for side, track in enumerate(layer):
                parameters = [
                    getattr(self, name + track) for name in NAMES if hasattr(self, name + track)
                ]
                h = None if state is None else state[len(finals)]
                hs = []
                for row in x.flip(0) if side else x:
                    h = advance(row[None], h, *parameters)
                    hs.append(h)
                out = torch.cat(hs)
                sides.append(out.flip(0) if side else out)
                finals.append(h)
            x = torch.cat(sides, dim=1)
        return x, torch.stack(finals)
