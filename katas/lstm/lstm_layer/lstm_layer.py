"""A complete LSTM: the cell as a module, and the layers, directions and lengths built around it."""

from torch import Tensor, nn


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
        raise NotImplementedError

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
        raise NotImplementedError


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
        raise NotImplementedError

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
        raise NotImplementedError
