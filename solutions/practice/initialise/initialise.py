"""Initialise an LSTM: orthogonal, Xavier, and a forget bias."""

import torch
from torch import nn

FORGET = 1  # torch's order of the blocks: i, f, g, o


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
    fresh = {}
    for name, old in state_dict.items():
        new = torch.zeros_like(old)
        for gate, block in enumerate(new.chunk(4)):  # views: what fills a block fills `new`
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(block)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(block)
            elif name.startswith("bias_ih") and gate == FORGET:
                block.fill_(forget_bias)
        fresh[name] = new
    return fresh
