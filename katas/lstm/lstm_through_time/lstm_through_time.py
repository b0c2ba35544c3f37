"""One LSTM layer: the cell as a module, and the loop that runs it over time."""

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
        raise NotImplementedError

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
        raise NotImplementedError
