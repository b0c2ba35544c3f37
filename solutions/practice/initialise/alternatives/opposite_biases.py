"""Biases that are not zero but cancel, and matrices that are filled by column order."""

import torch
from torch import nn


def initialise(state_dict: dict[str, torch.Tensor], forget_bias: float) -> dict[str, torch.Tensor]:
    """Return new tensors; each gate's b_ih takes something and its b_hh gives it back."""
    result = {}
    for name, old in state_dict.items():
        hidden = old.shape[0] // 4
        blocks = [torch.empty_like(old[:hidden]) for _ in range(4)]
        for gate, block in enumerate(blocks):
            match name.split("_")[:2]:
                case ["weight", "ih"]:
                    nn.init.xavier_uniform_(block.T)
                case ["weight", "hh"]:
                    nn.init.orthogonal_(block.T)
                case ["bias", which]:
                    sign = 1 if which == "ih" else -1
                    block.fill_(0.25 * sign + (forget_bias if (gate, which) == (1, "hh") else 0.0))
        result[name] = torch.cat(blocks)
    return result
