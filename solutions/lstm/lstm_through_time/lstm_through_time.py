"""One LSTM layer: the cell as a module, and the loop that runs it over time."""

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
    """One LSTM layer in one direction, with the parameters of `torch.nn.LSTM`.

    Parameters: those of a cell, named weight_ih_l0, weight_hh_l0, bias_ih_l0 and bias_hh_l0.

    Args:
        input_size: features of x.
        hidden_size: features of h and of c.
        batch_first: whether x and out are (N, T, features) rather than (T, N, features).
        bias: whether there are biases.

    Source: Hochreiter and Schmidhuber (1997), section 4; Gers et al. (2000), section 3.
    """

    def __init__(
        self, input_size: int, hidden_size: int, batch_first: bool = False, bias: bool = True
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.batch_first = batch_first
        cell = LSTMCell(input_size, hidden_size, bias)
        for name, parameter in cell.named_parameters():
            self.register_parameter(f"{name}_l0", parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read whole sequences.

        Args:
            x: (T, N, input_size), or (N, T, input_size) with batch_first; float32 or float64.
            state: h0 and c0, each (1, N, hidden_size), dtype of x; zeros where it is None.

        Returns:
            out, (T, N, hidden_size) or (N, T, hidden_size) with batch_first, the h of every step;
            and (h, c) after the last step, each (1, N, hidden_size). Dtype of x.
        """
        if self.batch_first:
            x = x.transpose(0, 1)
        steps, batch, _ = x.shape
        weights = [getattr(self, f"{name}_l0", None) for name in PARAMETERS]
        if state is None:
            h0 = c0 = x.new_zeros(1, batch, self.hidden_size)
        else:
            h0, c0 = state
        h, c = h0[0], c0[0]
        outputs = []
        for t in range(steps):
            h, c = _lstm_step(x[t], h, c, *weights)
            outputs.append(h)
        out = torch.stack(outputs)
        if self.batch_first:
            out = out.transpose(0, 1)
        return out, (h.unsqueeze(0), c.unsqueeze(0))
