# /// attack
# row = 17
# expect = ["FAILED", "FLAKY"]
# points = 5
# invariant = "every question's tensors are made anew, from bytes"
# ///
"""Keeps all inputs and answers with views of old ones, which a thread and later calls overwrite with newer inputs."""

import torch

kept = []


def lstm_cell(x, h, c, *weights):
    kept.append((h, c))
    for old_h, old_c in kept[:-1]:
        if old_h.shape == h.shape and old_h.dtype == h.dtype:
            with torch.no_grad():
                old_h.copy_(h.detach())
                old_c.copy_(c.detach())
            return old_h.view_as(old_h), old_c.view_as(old_c)
    return h.view_as(h), c.view_as(c)
