"""Dropout with one mask for all steps of a sequence."""

import torch


def sequence_dropout(x: torch.Tensor, p: float, training: bool) -> torch.Tensor:
    """Drop whole features of each sequence, the same ones at every time step.

        y[n, t, i] = x[n, t, i] · m[n, i] / (1 - p)    with m[n, i] = 0 with probability p, else 1

    Args:
        x: (N, T, I) sequences, float32 or float64; not modified.
        p: share of features to drop, from 0 to 1, both included; with p = 1 all of y is 0.
        training: False returns x unchanged.

    Returns:
        (N, T, I) same dtype as x. The mask is drawn anew in each call, from torch's own generator.

    Source: Gal and Ghahramani 2016, section 4.
    """
    raise NotImplementedError
