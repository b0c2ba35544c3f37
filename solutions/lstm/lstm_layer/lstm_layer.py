"""A complete LSTM: the cell as a module, and the layers, directions and lengths built around it."""

import torch
from torch import Tensor, nn
from torch.nn import functional

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _lstm_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Take one step: c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g), h' = σ(o) ⊙ tanh(c').

    Args:
        x: (N, input_size), the input at this step.
        h: (N, hidden_size), the hidden state before it.
        c: (N, hidden_size), the cell state before it.
        w_ih: (4 * hidden_size, input_size), rows in the order i, f, g, o.
        w_hh: (4 * hidden_size, hidden_size), in the same order.
        b_ih: (4 * hidden_size,), or None.
        b_hh: (4 * hidden_size,), or None.

    Returns:
        h' and c', each (N, hidden_size), in the dtype of the arguments.
    """
    gates = functional.linear(x, w_ih, b_ih) + functional.linear(h, w_hh, b_hh)
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


class LSTMCell(nn.Module):
    """One step of an LSTM as a module, with the parameters of `torch.nn.LSTMCell`.

    Parameters: weight_ih (4 * hidden_size, input_size), weight_hh (4 * hidden_size, hidden_size);
    with bias also bias_ih and bias_hh, each (4 * hidden_size,). Rows in the order i, f, g, o.

    Args:
        input_size: features of x.
        hidden_size: features of h and of c.
        bias: whether there are bias_ih and bias_hh.

    Source: Gers, Schmidhuber and Cummins (2000), "Learning to Forget", section 3.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        bound = hidden_size**-0.5
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (4 * hidden_size, input_size),
            "weight_hh": (4 * hidden_size, hidden_size),
        }
        if bias:
            shapes |= {"bias_ih": (4 * hidden_size,), "bias_hh": (4 * hidden_size,)}
        for name, shape in shapes.items():
            parameter = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
            self.register_parameter(name, parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            x: (N, input_size), float32 or float64.
            state: h and c, each (N, hidden_size), dtype of x; zeros where it is None.

        Returns:
            The new h and c, each (N, hidden_size), dtype of x.
        """
        weights = [getattr(self, name, None) for name in PARAMETERS]
        if state is None:
            zeros = x.new_zeros(x.shape[0], self.weight_hh.shape[1])
            state = (zeros, zeros)
        return _lstm_step(x, *state, *weights)


class LSTM(nn.Module):
    """Stacked LSTM layers in one or two directions, with the parameters of `torch.nn.LSTM`.

    Parameters: those of a cell for each layer k, named weight_ih_l{k}, weight_hh_l{k}, bias_ih_l{k}
    and bias_hh_l{k}; for the reverse direction the same names with "_reverse" at the end.

    Args:
        input_size: features of x.
        hidden_size: features of h and of c in each layer and direction.
        num_layers: layers, each reading the outputs of the one below.
        bidirectional: whether each layer also reads time backwards, with weights of its own.
        batch_first: whether x and out are (N, T, features) rather than (T, N, features).
        bias: whether there are biases.
        dropout: the probability of zeroing an entry between two layers, in training; below 1.

    Source: Hochreiter and Schmidhuber (1997), section 4; Gers et al. (2000), section 3.
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
                cell = LSTMCell(width, hidden_size, bias)
                for name, parameter in cell.named_parameters():
                    self.register_parameter(f"{name}_l{layer}{suffix}", parameter)
            width = hidden_size * len(self.suffixes)

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences.

        Args:
            x: (T, N, input_size), or (N, T, input_size) with batch_first; float32 or float64.
            state: h0 and c0, each (num_layers * directions, N, hidden_size), dtype of x, layer by
                layer and in a layer forward before reverse; zeros where it is None.
            lengths: (N,) int64, from 1 to T, in any order; T for all where it is None.

        Returns:
            out, (T, N, directions * hidden_size) or batch first, forward before reverse, zero past
            each length; and (h, c) at each sequence's own end, shaped as the state. Dtype of x.
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
            h0 = c0 = x.new_zeros(rows, batch, self.hidden_size)
        else:
            h0, c0 = state
        final_h, final_c = [], []
        layer_input = x
        for layer in range(self.num_layers):
            outs = []
            for direction, suffix in enumerate(self.suffixes):
                index = layer * len(self.suffixes) + direction
                weights = self._weights(layer, suffix)
                h, c = h0[index], c0[index]
                out, h, c = _scan(layer_input, h, c, weights, alive, reverse=direction == 1)
                outs.append(out)
                final_h.append(h)
                final_c.append(c)
            layer_input = torch.cat(outs, dim=2)
            if layer < self.num_layers - 1:
                layer_input = functional.dropout(layer_input, self.dropout, self.training)
        out = layer_input
        if self.batch_first:
            out = out.transpose(0, 1)
        return out, (torch.stack(final_h), torch.stack(final_c))

    def _weights(self, layer: int, suffix: str) -> list[Tensor | None]:
        return [getattr(self, f"{name}_l{layer}{suffix}", None) for name in PARAMETERS]


def _scan(
    x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor | None], alive: Tensor, reverse: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one direction of one layer over time.

    Where a sequence is not alive, its state stands still. So a forward run ends with the state of
    the last real step, and a reverse run comes to the last real step with its start state.

    Args:
        x: (T, N, features).
        h: (N, hidden_size).
        c: (N, hidden_size).
        weights: the four parameters of the cell.
        alive: (T, N, 1) bool, False in the padding.
        reverse: whether to read time backwards.

    Returns:
        out (T, N, hidden_size) in the order of time, and the last h and c, each (N, hidden_size).
    """
    outputs = []
    order = range(x.shape[0])
    for t in reversed(order) if reverse else order:
        new_h, new_c = _lstm_step(x[t], h, c, *weights)
        h = torch.where(alive[t], new_h, h)
        c = torch.where(alive[t], new_c, c)
        outputs.append(torch.where(alive[t], new_h, torch.zeros_like(new_h)))
    if reverse:
        outputs.reverse()
    return torch.stack(outputs), h, c
