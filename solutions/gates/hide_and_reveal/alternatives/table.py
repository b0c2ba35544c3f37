"""The weights as one table in float64, with each bias shared between the two vectors."""

import torch


def hide_and_reveal() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the columns of the table."""
    table = torch.tensor(
        [
            # value  write   show     h   b_ih   b_hh
            [0.0, 60.0, 0.0, 0.0, -15.0, -15.0],  # input gate: opens to write
            [0.0, -60.0, 0.0, 0.0, 15.0, 15.0],  # forget gate: shuts to write
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],  # candidate: tanh(value)
            [0.0, 0.0, 12.0, 0.0, -3.0, -3.0],  # output gate: a leak of h does not add up
        ],
        dtype=torch.float64,
    )
    w_ih, w_hh, b_ih, b_hh = table.split([3, 1, 1, 1], dim=1)
    return w_ih, w_hh, b_ih.flatten(), b_hh.flatten()
