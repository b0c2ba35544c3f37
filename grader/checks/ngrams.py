"""A baseline for models of symbols: a bigram, which sees one symbol and guesses the next."""

import torch
from torch import Tensor


def bigram_bits(seen: Tensor, asked: Tensor, symbols: int) -> float:
    """Count pairs, and give the bits that the next symbol takes on average.

    A symbol is expected as often as it followed the one before, with one more occurrence that is
    shared out by how frequent each symbol is at all.

    Args:
        seen: (L,) int64, the text that is counted.
        asked: (N, T) int64, rows of other text. In each, all symbols but the first are guessed.
        symbols: V; ids are 0 to V - 1.
    """
    single = (torch.bincount(seen, minlength=symbols) + 0.1).double()
    pairs = torch.zeros(symbols, symbols, dtype=torch.float64)
    pairs.index_put_((seen[:-1], seen[1:]), torch.ones(()).double(), accumulate=True)
    p = (pairs + single / single.sum()) / (pairs.sum(dim=1, keepdim=True) + 1)
    return -float(p[asked[:, :-1], asked[:, 1:]].log2().mean())
