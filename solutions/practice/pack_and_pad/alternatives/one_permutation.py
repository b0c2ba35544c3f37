"""Packing as one permutation of all steps: sort them by time, then by rank."""

import torch


def pack(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the concatenated steps, permuted."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    order = torch.argsort(-lengths, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    time = torch.cat([torch.arange(length) for length in lengths.tolist()])
    rank_of_step = rank.repeat_interleave(lengths)
    permutation = torch.argsort(time * len(sequences) + rank_of_step)
    return torch.cat(sequences)[permutation], torch.bincount(time), order


def unpack(
    data: torch.Tensor, batch_sizes: torch.Tensor, order: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Return the steps, permuted back and split at the lengths."""
    position = torch.cat([order[:size] for size in batch_sizes.tolist()])
    lengths = torch.bincount(position, minlength=len(order))
    back = torch.argsort(position, stable=True)  # by sequence; within one, by time
    return data[back].split(lengths.tolist())
