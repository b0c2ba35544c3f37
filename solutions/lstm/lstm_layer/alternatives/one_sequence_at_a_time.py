"""Another right way: no masks at all. Each sequence is cut to its own length and read alone.

Slow, and hard to get wrong: there is no padding inside a recurrence. The zeros come in at the end.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


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

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        return advance(x, state, *self.parameters())


def advance(
    x: Tensor, state: tuple[Tensor, Tensor] | None, w_ih: Tensor, w_hh: Tensor, *biases: Tensor
) -> tuple[Tensor, Tensor]:
    """Take one step with the parameters of one cell, biases or none."""
    if state is None:
        state = (torch.zeros_like(x[:, :1] @ w_hh[:1]),) * 2
    h, c = state
    gates = torch.cat([x, h], dim=1) @ torch.cat([w_ih, w_hh], dim=1).T + sum(biases)
    i, f, g, o = torch.split(gates, w_hh.shape[1], dim=1)
    c = c * torch.sigmoid(f) + torch.tanh(g) * torch.sigmoid(i)
    return torch.tanh(c) * torch.sigmoid(o), c


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
        self.dropout = nn.Dropout(dropout)
        ends = ("", "_reverse") if bidirectional else ("",)
        self.tracks = [[f"_l{layer}{end}" for end in ends] for layer in range(num_layers)]
        width = input_size
        for layer in self.tracks:
            for track in layer:
                for name, parameter in LSTMCell(width, hidden_size, bias).named_parameters():
                    setattr(self, name + track, parameter)
            width = hidden_size * len(layer)

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        sequences = x if self.batch_first else x.transpose(0, 1)
        steps = sequences.shape[1]
        ends = [steps] * len(sequences) if lengths is None else lengths.tolist()
        outs, hs, cs = [], [], []
        for n, (sequence, end) in enumerate(zip(sequences, ends, strict=True)):
            own = None if state is None else (state[0][:, n : n + 1], state[1][:, n : n + 1])
            out, h, c = self._read(sequence[:end], own)
            outs.append(torch.cat([out, out.new_zeros(steps - end, out.shape[1])]))
            hs.append(h)
            cs.append(c)
        stacked = pad_sequence(outs, batch_first=self.batch_first)
        return stacked, (torch.cat(hs, dim=1), torch.cat(cs, dim=1))

    def _read(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Read one sequence (T, features): out (T, features), h and c (rows, 1, hidden_size)."""
        finals: list[tuple[Tensor, Tensor]] = []
        for layer in self.tracks:
            if finals:
                x = self.dropout(x)
            sides = []
            for side, track in enumerate(layer):
                parameters = [
                    getattr(self, name + track) for name in NAMES if hasattr(self, name + track)
                ]
                rows = x.flip(0) if side else x
                now = None if state is None else (state[0][len(finals)], state[1][len(finals)])
                hs = []
                for row in rows:
                    now = advance(row[None], now, *parameters)
                    hs.append(now[0])
                out = torch.cat(hs)
                sides.append(out.flip(0) if side else out)
                finals.append(now)
            x = torch.cat(sides, dim=1)
        h, c = (torch.stack(part) for part in zip(*finals, strict=True))
        return x, h, c
