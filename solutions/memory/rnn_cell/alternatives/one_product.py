"""One step of a plain recurrent network, as one product over [x, h] stacked side by side."""

import torch


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H) from the weights [W_ih, W_hh] of shape (H, I + H)."""
    stacked_input = torch.cat([x, h], dim=1)
    stacked_weight = torch.cat([w_ih, w_hh], dim=1)
    a = torch.einsum("nk,hk->nh", stacked_input, stacked_weight) + (b_ih + b_hh)
    # tanh is a sigmoid stretched over (-1, 1).
    return 2 * torch.sigmoid(2 * a) - 1
