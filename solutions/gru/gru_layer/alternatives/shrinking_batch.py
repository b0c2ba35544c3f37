"""Another right way: as packed kernels do it, with a batch that shrinks as sequences end.

Sequences are sorted by length, the longest first, so that those still running at a step are the
first rows of the batch. The reverse direction reads each sequence turned round in its own length.
The inputs of all steps go through one matrix product.
"""

import math

import torch
from torch import Tensor, nn


class GRUCell(nn.Module):
    """One step of a GRU."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(hidden_size)

        def new(*shape: int) -> nn.Parameter:
            return nn.Parameter((2 * torch.rand(*shape) - 1) * bound)

        self.weight_ih = new(3 * hidden_size, input_size)
        self.weight_hh = new(3 * hidden_size, hidden_size)
        if bias:
            self.bias_ih = new(3 * hidden_size)
            self.bias_hh = new(3 * hidden_size)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """Take one step: x (N, input_size); h (N, hidden_size), old and new."""
        weights = dict(self.named_parameters())
        h = x.new_zeros(x.size(0), self.weight_hh.size(1)) if state is None else state
        return step(project(x, weights, "ih", ""), h, weights, "")


def project(value: Tensor, weights: dict[str, Tensor], kind: str, track: str) -> Tensor:
    """Return what x ("ih") or h ("hh") gives to the blocks: (..., 3 * hidden_size)."""
    blocks = torch.einsum("...i,ki->...k", value, weights[f"weight_{kind}{track}"])
    bias = weights.get(f"bias_{kind}{track}")
    return blocks if bias is None else blocks + bias


def step(from_x: Tensor, h: Tensor, weights: dict[str, Tensor], track: str) -> Tensor:
    """Take one step from projected inputs (N, 3 * hidden_size)."""
    size = h.shape[1]
    from_h = project(h, weights, "hh", track)
    gates = torch.sigmoid(from_x[:, : 2 * size] + from_h[:, : 2 * size])
    r, z = gates.split(size, dim=1)
    n = torch.tanh(torch.addcmul(from_x[:, 2 * size :], r, from_h[:, 2 * size :]))
    return n + z * (h - n)


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
        self.sizes = (num_layers, 2 if bidirectional else 1, hidden_size)
        self.batch_first = batch_first
        self.p = dropout
        for layer in range(num_layers):
            features = input_size if layer == 0 else hidden_size * self.sizes[1]
            for direction in range(self.sizes[1]):
                cell = GRUCell(features, hidden_size, bias)
                track = f"_l{layer}" + "_reverse" * direction
                for name, parameter in cell.named_parameters():
                    self.register_parameter(name + track, parameter)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read whole sequences: x (T, N, input_size), state (rows, N, hidden_size)."""
        x = x if self.batch_first else x.transpose(0, 1)
        n, steps, _ = x.shape
        layers, directions, hidden_size = self.sizes
        if lengths is None:
            lengths = torch.full((n,), steps, device=x.device)
        if state is None:
            state = x.new_zeros(layers * directions, n, hidden_size)

        order = torch.argsort(lengths, descending=True)
        back = torch.argsort(order)
        lengths, x, h0 = lengths[order], x[order], state[:, order]
        time = torch.arange(steps, device=x.device).expand(n, steps)
        turned = torch.where(time < lengths[:, None], lengths[:, None] - 1 - time, time)
        running = [int((lengths > t).sum()) for t in range(steps)]

        weights = dict(self.named_parameters())
        h_n: list[Tensor] = []
        for layer in range(layers):
            sides = []
            for direction in range(directions):
                track = f"_l{layer}" + "_reverse" * direction
                from_x = project(x, weights, "ih", track)
                if direction:
                    from_x = from_x.gather(1, turned[:, :, None].expand_as(from_x))
                h = h0[len(h_n)]
                side = []
                for t, count in enumerate(running):
                    new_h = step(from_x[:count, t], h[:count], weights, track)
                    h = torch.cat([new_h, h[count:]])
                    side.append(nn.functional.pad(new_h, (0, 0, 0, n - count)))
                out = torch.stack(side, dim=1)
                if direction:
                    out = out.gather(1, turned[:, :, None].expand_as(out))
                sides.append(out)
                h_n.append(h)
            x = torch.cat(sides, dim=2)
            if self.training and layer + 1 < layers:
                x = nn.functional.dropout(x, self.p)
        out = x[back] if self.batch_first else x[back].transpose(0, 1)
        return out, torch.stack(h_n)[:, back]
