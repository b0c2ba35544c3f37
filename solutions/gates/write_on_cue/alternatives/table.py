"""The weights as one table in float64, with each bias shared between the two vectors."""

import torch


def write_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the columns of the table."""
    table = torch.tensor(
        [
            # value   flag     h   b_ih   b_hh
            [0.0, 50.0, 0.0, -10.0, -15.0],  # input gate: opens at the flag
            [0.0, -50.0, 0.0, 10.0, 15.0],  # forget gate: its mirror image
            [1.0, 0.0, 0.0, 0.0, 0.0],  # candidate: tanh(value)
            [0.3, 0.0, 0.7, 0.0, 1.0],  # output gate: free
        ],
        dtype=torch.float64,
    )
    w_ih, w_hh, b_ih, b_hh = table.split([2, 1, 1, 1], dim=1)
    return w_ih, w_hh, b_ih.flatten(), b_hh.flatten()
