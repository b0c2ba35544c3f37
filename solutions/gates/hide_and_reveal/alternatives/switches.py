"""Each gate as a switch between two values, solved for its weight and bias."""

import torch


def hide_and_reveal() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return weights whose gates are the given numbers, rather than pre-activations."""
    almost = torch.tensor(1 - 1e-7, dtype=torch.float64)

    def switch(off: torch.Tensor, on: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.logit(on) - torch.logit(off), torch.logit(off)

    w_ih = torch.zeros(4, 3, dtype=torch.float64)
    bias = torch.zeros(4, dtype=torch.float64)
    w_ih[0, 1], bias[0] = switch(off=1 - almost, on=almost)
    w_ih[1, 1], bias[1] = switch(off=almost, on=1 - almost)
    w_ih[2, 0] = 1.0
    w_ih[3, 2], bias[3] = switch(off=1 - almost, on=almost)
    return w_ih, torch.zeros(4, 1, dtype=torch.float64), bias / 2, bias / 2
