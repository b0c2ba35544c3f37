"""Another right way: the inputs of all steps go through one matrix product before the loop.

This is what fast kernels do: only the part of h has to wait for the step before.
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


class LSTM(nn.Module):
    """One LSTM layer in one direction."""

    def __init__(
        self, input_size: int, hidden_size: int, batch_first: bool = False, bias: bool = True
    ) -> None:
        super().__init__()
        self.time = 1 if batch_first else 0
        for name, parameter in LSTMCell(input_size, hidden_size, bias).named_parameters():
            setattr(self, f"{name}_l0", parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences: x (T, N, input_size), state (1, N, hidden_size) twice."""
        weights = dict(self.named_parameters())
        w_hh = weights["weight_hh_l0"]
        rows = project(x, weights, "_l0").unbind(self.time)
        if state is None:
            state = (rows[0].new_zeros(1, len(rows[0]), w_hh.size(1)),) * 2
        h, c = (part.squeeze(0) for part in state)
        outs = []
        for row in rows:
            h, c = step(row, h, c, w_hh)
            outs.append(h)
        return torch.stack(outs, dim=self.time), (h[None], c[None])


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
