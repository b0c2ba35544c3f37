"""Copy first, then fill in place, with half of the forget bias in each vector."""

import torch
from torch import nn


def initialise(state_dict: dict[str, torch.Tensor], forget_bias: float) -> dict[str, torch.Tensor]:
    """Return a filled copy of the state dict."""
    new = {name: tensor.clone() for name, tensor in state_dict.items()}
    for name, tensor in new.items():
        if name.startswith("bias"):
            gates = tensor.view(4, -1)
            gates.zero_()
            gates[1] = forget_bias / 2
            continue
        fill = nn.init.orthogonal_ if "_hh_" in name else nn.init.xavier_uniform_
        for block in tensor.view(4, tensor.shape[0] // 4, -1):
            fill(block)
    return new
