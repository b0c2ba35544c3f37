"""Initialise an LSTM: orthogonal, Xavier, and a forget bias."""

import torch


def initialise(state_dict: dict[str, torch.Tensor], forget_bias: float) -> dict[str, torch.Tensor]:
    """Return new starting weights for an `nn.LSTM`, block by block.

        input weights      each (H, I) block from U(-a, a) with a = √(6 / (I + H))
        recurrent weights  each (H, H) block a random orthogonal matrix
        biases             b_ih + b_hh is forget_bias for the forget gate, 0 for the others

    Args:
        state_dict: that of an `nn.LSTM`, with names like `weight_hh_l0` and `bias_ih_l1_reverse`:
            any number of layers, one or two directions, with or without biases, float32 or
            float64. It is not modified. In layer 0, I is the LSTM's input size; in the layers
            above, it is the output size of the layer below. The blocks of rows are in torch's
            order: i, f, g, o.
        forget_bias: what the forget gate's two biases add up to.

    Returns:
        a new dict with the same names, shapes and dtypes. The weights are drawn anew in each call
        and for each block, from torch's own generator.

    Source: Glorot and Bengio 2010, section 4.2.1; Jozefowicz, Zaremba and Sutskever 2015.
    """
    raise NotImplementedError
