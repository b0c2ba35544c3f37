"""LSTM layers one above the other, in one or two directions, with dropout between them."""

import torch
from torch import Tensor, nn
from torch.nn import functional

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class LSTM(nn.Module):
    """Stacked LSTM layers in one or two directions, with the parameters of `torch.nn.LSTM`.

    Parameters: those of a cell for each layer k, named weight_ih_l{k}, weight_hh_l{k}, bias_ih_l{k}
    and bias_hh_l{k}, rows in the order i, f, g, o; for the reverse direction the same names with
    "_reverse" at the end.

    Args:
        input_size: features of x.
        hidden_size: features of h and of c in each layer and direction.
        num_layers: layers, each reading the outputs of the one below.
        bidirectional: whether each layer also reads time backwards, with weights of its own.
        batch_first: whether x and out are (N, T, features) rather than (T, N, features).
        bias: whether there are biases.
        dropout: the probability of zeroing an entry between two layers, in training; below 1.

    Source: Graves, Mohamed and Hinton (2013), "Speech Recognition with Deep Recurrent Neural
    Networks", section 2; Zaremba, Sutskever and Vinyals (2014), section 3.
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
                parameters = _new_parameters(width, hidden_size, bias)
                for name, parameter in parameters.items():
                    self.register_parameter(f"{name}_l{layer}{suffix}", parameter)
            width = hidden_size * len(self.suffixes)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences.

        Args:
            x: (T, N, input_size), or (N, T, input_size) with batch_first; float32 or float64.
            state: h0 and c0, each (num_layers * directions, N, hidden_size), dtype of x, layer by
                layer and in a layer forward before reverse; zeros where it is None.

        Returns:
            out, (T, N, directions * hidden_size) or batch first, forward before reverse; and (h, c)
            where each run ends, shaped as the state. Dtype of x.
        """
        if self.batch_first:
            x = x.transpose(0, 1)
        if state is None:
            rows = self.num_layers * len(self.suffixes)
            h0 = c0 = x.new_zeros(rows, x.shape[1], self.hidden_size)
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
                out, h, c = _scan(layer_input, h, c, weights, reverse=direction == 1)
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


def _new_parameters(input_size: int, hidden_size: int, bias: bool) -> dict[str, nn.Parameter]:
    """The parameters of one layer in one direction."""
    bound = hidden_size**-0.5
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (4 * hidden_size, input_size),
        "weight_hh": (4 * hidden_size, hidden_size),
    }
    if bias:
        shapes |= {"bias_ih": (4 * hidden_size,), "bias_hh": (4 * hidden_size,)}
    return {
        name: nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        for name, shape in shapes.items()
    }


def _scan(
    x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor | None], reverse: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one direction of one layer over time.

    Args:
        x: (T, N, features).
        h: (N, hidden_size).
        c: (N, hidden_size).
        weights: w_ih, w_hh, b_ih and b_hh.
        reverse: whether to read time backwards.

    Returns:
        out (T, N, hidden_size) in the order of time, and the last h and c, each (N, hidden_size).
    """
    w_ih, w_hh, b_ih, b_hh = weights
    outputs = []
    order = range(x.shape[0])
    for t in reversed(order) if reverse else order:
        gates = functional.linear(x[t], w_ih, b_ih) + functional.linear(h, w_hh, b_hh)
        i, f, g, o = gates.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    if reverse:
        outputs.reverse()
    return torch.stack(outputs), h, c
