"""By way of a padded tensor and a mask, which a boolean index reads step by step."""

import torch
from torch.nn.utils.rnn import pad_sequence


def pack(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the entries of the sorted, padded, time-first tensor that are no padding."""
    lengths = torch.tensor([sequence.shape[0] for sequence in sequences])
    lengths, order = torch.sort(lengths, descending=True, stable=True)
    padded = pad_sequence([sequences[n] for n in order])  # (T, N, I)
    real = torch.arange(padded.shape[0])[:, None] < lengths  # (T, N)
    return padded[real], real.sum(dim=1), order


def unpack(
    data: torch.Tensor, batch_sizes: torch.Tensor, order: torch.Tensor
) -> list[torch.Tensor]:
    """Return the columns of a padded tensor that the data are written back into."""
    steps, count = len(batch_sizes), len(order)
    real = torch.arange(count) < batch_sizes[:, None]  # (T, N), longest first
    padded = data.new_zeros(steps, count, *data.shape[1:])
    padded = padded.masked_scatter(real[:, :, None], data)
    sequences: list[torch.Tensor | None] = [None] * count
    for column, position in enumerate(order.tolist()):
        sequences[position] = padded[real[:, column], column]
    return sequences
