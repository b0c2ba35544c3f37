"""Another right way: as packed kernels do it, with a batch that shrinks as sequences end.

Sequences are sorted by length, the longest first, so that those still running at a step are the
first rows of the batch. The reverse direction reads each sequence turned round in its own length.
The inputs of all steps go through one matrix product.
"""

import math

import torch
from torch import Tensor, nn


class LSTMCell(nn.Module):
    """One step of an LSTM."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(hidden_size)

        def new(*shape: int) -> nn.Parameter:
            return nn.Parameter((2 * torch.rand(*shape) - 1) * bound)

        self.weight_ih = new(4 * hidden_size, input_size)
        self.weight_hh = new(4 * hidden_size, hidden_size)
        if bias:
            self.bias_ih = new(4 * hidden_size)
            self.bias_hh = new(4 * hidden_size)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, input_size); h and c (N, hidden_size), old and new."""
        weights = dict(self.named_parameters())
        h, c = state or (x.new_zeros(x.size(0), self.weight_hh.size(1)),) * 2
        return step(project(x, weights, ""), h, c, self.weight_hh)


def project(x: Tensor, weights: dict[str, Tensor], track: str) -> Tensor:
    """Return what x and the biases give to the gates: (..., 4 * hidden_size)."""
    gates = torch.einsum("...i,ki->...k", x, weights[f"weight_ih{track}"])
    if f"bias_ih{track}" in weights:
        gates = gates + weights[f"bias_ih{track}"] + weights[f"bias_hh{track}"]
    return gates


def step(gates: Tensor, h: Tensor, c: Tensor, w_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Take one step from projected inputs (N, 4 * hidden_size)."""
    gates = gates + torch.einsum("nj,kj->nk", h, w_hh)
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.addcmul(f.sigmoid() * c, i.sigmoid(), g.tanh())
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
        self.sizes = (num_layers, 2 if bidirectional else 1, hidden_size)
        self.batch_first = batch_first
        self.p = dropout
        for layer in range(num_layers):
            features = input_size if layer == 0 else hidden_size * self.sizes[1]
            for direction in range(self.sizes[1]):
                cell = LSTMCell(features, hidden_size, bias)
                track = f"_l{layer}" + "_reverse" * direction
                for name, parameter in cell.named_parameters():
                    self.register_parameter(name + track, parameter)

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size) twice."""
        x = x if self.batch_first else x.transpose(0, 1)
        n, steps, _ = x.shape
        layers, directions, hidden_size = self.sizes
        if lengths is None:
            lengths = torch.full((n,), steps, device=x.device)
        if state is None:
            state = (x.new_zeros(layers * directions, n, hidden_size),) * 2

        order = torch.argsort(lengths, descending=True)
        back = torch.argsort(order)
        lengths, x = lengths[order], x[order]
        h0, c0 = (part[:, order].unbind(0) for part in state)
        time = torch.arange(steps, device=x.device).expand(n, steps)
        turned = torch.where(time < lengths[:, None], lengths[:, None] - 1 - time, time)
        running = [int((lengths > t).sum()) for t in range(steps)]

        weights = dict(self.named_parameters())
        h_n, c_n = [], []
        for layer in range(layers):
            sides = []
            for direction in range(directions):
                track = f"_l{layer}" + "_reverse" * direction
                gates = project(x, weights, track)
                if direction:
                    gates = gates.gather(1, turned[:, :, None].expand_as(gates))
                h, c = h0[len(h_n)], c0[len(h_n)]
                side = []
                for t, count in enumerate(running):
                    w_hh = weights[f"weight_hh{track}"]
                    new_h, new_c = step(gates[:count, t], h[:count], c[:count], w_hh)
                    h, c = torch.cat([new_h, h[count:]]), torch.cat([new_c, c[count:]])
                    side.append(nn.functional.pad(new_h, (0, 0, 0, n - count)))
                out = torch.stack(side, dim=1)
                if direction:
                    out = out.gather(1, turned[:, :, None].expand_as(out))
                sides.append(out)
                h_n.append(h)
                c_n.append(c)
            x = torch.cat(sides, dim=2)
            if self.training and layer + 1 < layers:
                x = nn.functional.dropout(x, self.p)
        out = x[back] if self.batch_first else x[back].transpose(0, 1)
        return out, (torch.stack(h_n)[:, back], torch.stack(c_n)[:, back])
