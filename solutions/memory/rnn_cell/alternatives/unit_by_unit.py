"""One step of a plain recurrent network, spelled out for each sequence and unit."""

import torch


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H) by adding one term at a time."""
    batch = []
    for x_n, h_n in zip(x, h, strict=True):
        units = []
        for unit in range(w_hh.shape[0]):
            a = b_hh[unit] + b_ih[unit]
            for weight, value in zip(w_hh[unit], h_n, strict=True):
                a = a + weight * value
            for weight, value in zip(w_ih[unit], x_n, strict=True):
                a = a + weight * value
            units.append(torch.tanh(a))
        batch.append(torch.stack(units))
    return torch.stack(batch)
