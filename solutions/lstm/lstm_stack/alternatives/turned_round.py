"""Another right way: one layer in one direction, as in the first step, and a sequence turned round.

The reverse direction is the same run on the flipped input, and its outputs are flipped back. The
layers are a recursion: a stack is a stack of one layer less, and one layer on top of it.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
State = tuple[Tensor, Tensor]


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
        self.sizes = (num_layers, 2 if bidirectional else 1, hidden_size)
        self.batch_first, self.p = batch_first, dropout
        for layer, direction, name in self._names(bias):
            inner = hidden_size * self.sizes[1] if layer else input_size
            shape = [4 * hidden_size]
            shape += {"weight_ih": [inner], "weight_hh": [hidden_size]}.get(name, [])
            value = (2 * torch.rand(shape) - 1) / math.sqrt(hidden_size)
            self.register_parameter(track(name, layer, direction), nn.Parameter(value))

    def _names(self, bias: bool) -> list[tuple[int, int, str]]:
        layers, directions, _ = self.sizes
        names = NAMES if bias else NAMES[:2]
        return [(k, d, name) for k in range(layers) for d in range(directions) for name in names]

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        layers, directions, hidden_size = self.sizes
        x = x.permute(1, 0, 2) if self.batch_first else x
        if state is None:
            state = (x.new_zeros(layers * directions, x.shape[1], hidden_size),) * 2
        # (2, layers, directions, N, hidden_size)
        starts = torch.stack(tuple(state)).unflatten(1, (layers, directions))
        out, ends = self._stack(x, starts, layers - 1)
        h, c = torch.stack(ends, dim=1).flatten(1, 2)
        return (out.permute(1, 0, 2) if self.batch_first else out), (h, c)

    def _stack(self, x: Tensor, starts: Tensor, layer: int) -> tuple[Tensor, list[Tensor]]:
        """Run the layers up to this one; out and for each layer its states (2, D, N, H)."""
        ends: list[Tensor] = []
        if layer > 0:
            x, ends = self._stack(x, starts, layer - 1)
            if self.training:
                keep = torch.rand_like(x) >= self.p
                x = x * keep / (1 - self.p)
        sides, states = [], []
        for direction in range(self.sizes[1]):
            weights = [getattr(self, track(name, layer, direction), None) for name in NAMES]
            h, c = starts[0, layer, direction], starts[1, layer, direction]
            side, h, c = one_layer(x.flip(0) if direction else x, h, c, *weights)
            sides.append(side.flip(0) if direction else side)
            states.append(torch.stack([h, c]))
        return torch.cat(sides, dim=-1), [*ends, torch.stack(states, dim=1)]


def track(name: str, layer: int, direction: int) -> str:
    """Torch's name for a parameter."""
    return f"{name}_l{layer}{'_reverse' * direction}"


def one_layer(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, *biases: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one layer in one direction over x (T, N, features); out, and the last h and c."""
    b_ih, b_hh = biases
    outs = []
    for gates in functional.linear(x, w_ih, b_ih):
        i, f, g, o = (gates + functional.linear(h, w_hh, b_hh)).tensor_split(4, dim=1)
        c = torch.addcmul(f.sigmoid() * c, i.sigmoid(), g.tanh())
        h = o.sigmoid() * c.tanh()
        outs.append(h)
    return torch.stack(outs), h, c
