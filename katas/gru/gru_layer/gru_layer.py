"""A complete GRU: the cell as a module, and the layers, directions and lengths built around it."""

from torch import Tensor, nn


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
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """Take one step.

        Args:
            x: (N, input_size), float32 or float64.
            state: h, (N, hidden_size), dtype of x; zeros where it is None.

        Returns:
            The new h, (N, hidden_size), dtype of x.
        """
        raise NotImplementedError


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
        raise NotImplementedError

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
        raise NotImplementedError
