"""LSTM layers one above the other, in one or two directions, with dropout between them."""

from torch import Tensor, nn


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
        raise NotImplementedError

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
        raise NotImplementedError
