"""Gates that listen to everything a little, too far from their threshold to be moved by it."""

import torch


def hide_and_reveal() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return weights in which only the candidate is deaf to what does not concern it."""
    w_ih = torch.tensor([[3.0, 2e3, -5.0], [-2.0, -2e3, 4.0], [1.0, 0.0, 0.0], [7.0, -9.0, 2e3]])
    w_hh = torch.tensor([[6.0], [8.0], [0.0], [-7.0]])
    b_ih = torch.tensor([0.0, 0.0, 2.0, 0.0])
    b_hh = torch.tensor([-1e3, 1e3, -2.0, -1e3])
    return w_ih, w_hh, b_ih, b_hh
