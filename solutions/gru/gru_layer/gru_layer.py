"""A complete GRU: the cell as a module, and the layers, directions and lengths built around it."""

import torch
from torch import Tensor, nn
from torch.nn import functional

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _gru_step(
    x: Tensor,
    h: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> Tensor:
    """Take one step: n = tanh(x's part + r ⊙ h's part), h' = (1 - z) ⊙ n + z ⊙ h.

    Args:
        x: (N, input_size), the input at this step.
        h: (N, hidden_size), the hidden state before it.
        w_ih: (3 * hidden_size, input_size), rows in the order r, z, n.
        w_hh: (3 * hidden_size, hidden_size), in the same order.
        b_ih: (3 * hidden_size,), or None.
        b_hh: (3 * hidden_size,), or None.

    Returns:
        h', (N, hidden_size), in the dtype of the arguments.
    """
    x_r, x_z, x_n = functional.linear(x, w_ih, b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = functional.linear(h, w_hh, b_hh).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


class GRUCell(nn.Module):
    """One step of a GRU as a module, with the parameters of `torch.nn.GRUCell`.

    Parameters: weight_ih (3 * hidden_size, input_size), weight_hh (3 * hidden_size, hidden_size);
    with bias also bias_ih and bias_hh, each (3 * hidden_size,). Rows in the order r, z, n.

    Args:
        input_size: features of x.
        hidden_size: features of h.
        bias: whether there are bias_ih and bias_hh.

    Source: Cho et al. (2014), section 2.3, in the form of `torch.nn.GRUCell`: the reset gate acts
    after the recurrent product.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        bound = hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (3 * hidden_size, input_size),
            "weight_hh": (3 * hidden_size, hidden_size),
        }
        if bias:
            shapes |= {"bias_ih": (3 * hidden_size,), "bias_hh": (3 * hidden_size,)}
        for name, shape in shapes.items():
            parameter = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
            self.register_parameter(name, parameter)

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """Take one step.

        Args:
            x: (N, input_size), float32 or float64.
            state: h, (N, hidden_size), dtype of x; zeros where it is None.

        Returns:
            The new h, (N, hidden_size), dtype of x.
        """
        weights = [getattr(self, name, None) for name in PARAMETERS]
        if state is None:
            state = x.new_zeros(x.shape[0], self.weight_hh.shape[1])
        return _gru_step(x, state, *weights)


class GRU(nn.Module):
    """Stacked GRU layers in one or two directions, with the parameters of `torch.nn.GRU`.

    Parameters: those of a cell for each layer k, named weight_ih_l{k}, weight_hh_l{k}, bias_ih_l{k}
    and bias_hh_l{k}; for the reverse direction the same names with "_reverse" at the end.

    Args:
        input_size: features of x.
        hidden_size: features of h in each layer and direction.
        num_layers: layers, each reading the outputs of the one below.
        bidirectional: whether each layer also reads time backwards, with weights of its own.
        batch_first: whether x and out are (N, T, features) rather than (T, N, features).
        bias: whether there are biases.
        dropout: the probability of zeroing an entry between two layers, in training; below 1.

    Source: Cho et al. (2014), section 2.3.
    """

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
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = dropout
        self.suffixes = ("", "_reverse") if bidirectional else ("",)
        width = input_size
        for layer in range(num_layers):
            for suffix in self.suffixes:
                cell = GRUCell(width, hidden_size, bias)
                for name, parameter in cell.named_parameters():
                    self.register_parameter(f"{name}_l{layer}{suffix}", parameter)
            width = hidden_size * len(self.suffixes)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Read whole sequences.

        Args:
            x: (T, N, input_size), or (N, T, input_size) with batch_first; float32 or float64.
            state: h0, (num_layers * directions, N, hidden_size), dtype of x, layer by layer and in
                a layer forward before reverse; zeros where it is None.
            lengths: (N,) int64, from 1 to T, in any order; T for all where it is None.

        Returns:
            out, (T, N, directions * hidden_size) or batch first, forward before reverse, zero past
            each length; and h at each sequence's own end, shaped as the state. Dtype of x.
        """
        if self.batch_first:
            x = x.transpose(0, 1)
        steps, batch, _ = x.shape
        if lengths is None:
            lengths = torch.full((batch,), steps, device=x.device)
        time = torch.arange(steps, device=x.device)
        alive = (time[:, None] < lengths).unsqueeze(2)
        if state is None:
            rows = self.num_layers * len(self.suffixes)
            h0 = x.new_zeros(rows, batch, self.hidden_size)
        else:
            h0 = state
        final = []
        layer_input = x
        for layer in range(self.num_layers):
            outs = []
            for direction, suffix in enumerate(self.suffixes):
                index = layer * len(self.suffixes) + direction
                weights = self._weights(layer, suffix)
                h = h0[index]
                out, h = _scan(layer_input, h, weights, alive, reverse=direction == 1)
                outs.append(out)
                final.append(h)
            layer_input = torch.cat(outs, dim=2)
            if layer < self.num_layers - 1:
                layer_input = functional.dropout(layer_input, self.dropout, self.training)
        out = layer_input
        if self.batch_first:
            out = out.transpose(0, 1)
        return out, torch.stack(final)

    def _weights(self, layer: int, suffix: str) -> list[Tensor | None]:
        return [getattr(self, f"{name}_l{layer}{suffix}", None) for name in PARAMETERS]


def _scan(
    x: Tensor, h: Tensor, weights: list[Tensor | None], alive: Tensor, reverse: bool
) -> tuple[Tensor, Tensor]:
    """Run one direction of one layer over time.

    Where a sequence is not alive, its state stands still. So a forward run ends with the state of
    the last real step, and a reverse run comes to the last real step with its start state.

    Args:
        x: (T, N, features).
        h: (N, hidden_size).
        weights: the four parameters of the cell.
        alive: (T, N, 1) bool, False in the padding.
        reverse: whether to read time backwards.

    Returns:
        out (T, N, hidden_size) in the order of time, and the last h, (N, hidden_size).
    """
    outputs = []
    order = range(x.shape[0])
    for t in reversed(order) if reverse else order:
        new_h = _gru_step(x[t], h, *weights)
        h = torch.where(alive[t], new_h, h)
        outputs.append(torch.where(alive[t], new_h, torch.zeros_like(new_h)))
    if reverse:
        outputs.reverse()
    return torch.stack(outputs), h
