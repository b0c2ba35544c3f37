"""Pack sequences of different lengths without padding, and take them apart again."""

import torch


def pack(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Lay the sequences out step by step, longest first, without any padding.

        data = [ all first steps, all second steps, ... ]    each by falling length of its sequence

    Args:
        sequences: N >= 1 tensors (T_n, I), T_n >= 1, in any order, float32 or float64. The list and
            its tensors are not modified.

    Returns:
        data: (T_1 + ... + T_N, I) the steps, in the dtype of the sequences; gradients reach them.
        batch_sizes: (max T_n,) int64, how many sequences have a first step, a second one, ...
        order: (N,) int64, the positions in `sequences`, longest first; sequences of equal
            length keep their order.

    Source: the layout is that of torch.nn.utils.rnn.PackedSequence.
    """
    lengths = [len(sequence) for sequence in sequences]
    order = sorted(range(len(sequences)), key=lambda n: -lengths[n])  # stable: ties stay in place
    batch_sizes = [sum(length > t for length in lengths) for t in range(max(lengths))]
    steps = [sequences[n][t] for t, size in enumerate(batch_sizes) for n in order[:size]]
    return torch.stack(steps), torch.tensor(batch_sizes), torch.tensor(order)


def unpack(
    data: torch.Tensor, batch_sizes: torch.Tensor, order: torch.Tensor
) -> list[torch.Tensor]:
    """Take packed sequences apart again: `unpack(*pack(sequences))` gives `sequences`.

    Args:
        data: (T_1 + ... + T_N, I) the packed steps, float32 or float64.
        batch_sizes: (max T_n,) int64, how many sequences have a first step, a second one, ...
        order: (N,) int64, the k-th longest sequence belongs at position order[k].

    Returns:
        N tensors (T_n, I) in the dtype of data, without padding; gradients reach data.

    Source: the layout is that of torch.nn.utils.rnn.PackedSequence.
    """
    columns = data.split(batch_sizes.tolist())  # the sequences that are left at each step
    longest_first = [
        torch.stack([column[k] for column in columns if k < len(column)]) for k in range(len(order))
    ]
    place = order.argsort()
    return [longest_first[k] for k in place.tolist()]
