"""Lengths in int32, which is what other libraries give; what is returned is int64."""

import torch


def pack(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the steps column by column."""
    lengths = torch.tensor([len(sequence) for sequence in sequences], dtype=torch.int32)
    order = torch.argsort(lengths, descending=True, stable=True)
    batch_sizes = torch.stack([(lengths > t).sum() for t in range(int(lengths.max()))])
    columns = [
        torch.stack([sequences[int(n)][t] for n in order[: int(size)]])
        for t, size in enumerate(batch_sizes)
    ]
    return torch.cat(columns), batch_sizes, order


def unpack(
    data: torch.Tensor, batch_sizes: torch.Tensor, order: torch.Tensor
) -> list[torch.Tensor]:
    """Return the rows of each sequence, which stand at the starts of the columns plus its rank."""
    starts = torch.cumsum(batch_sizes, dim=0).int() - batch_sizes.int()
    ranks = torch.empty_like(order)
    ranks[order] = torch.arange(len(order))
    return [data[(starts[batch_sizes > rank] + rank).long()] for rank in ranks]
