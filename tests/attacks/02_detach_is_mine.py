# /// attack
# row = 2
# expect = ["FAILED"]
# points = 3
# invariant = "what a tensor's own methods return is still only bytes"
# ///
"""A subclass whose detach(), clone() and cpu() return other tensors each time that they are asked."""

import torch


class Shifty(torch.Tensor):
    count = 0

    def _other(self, *args, **kwargs):
        Shifty.count += 1
        return torch.full(tuple(self.shape), float(Shifty.count), dtype=self.dtype)

    detach = clone = cpu = resolve_conj = resolve_neg = contiguous = _other


def lstm_cell(x, h, c, *weights):
    return torch.zeros_like(h).as_subclass(Shifty), torch.zeros_like(c).as_subclass(Shifty)
