"""torch.nn.LSTM on pieces of the sequence, one backward pass per piece."""

import torch
from torch import Tensor, nn


def truncated_bptt(
    x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Run the module on each piece of k steps and detach the state between pieces."""
    lstm = nn.LSTM(x.size(2), v.size(2), batch_first=True, dtype=x.dtype)
    lstm.load_state_dict(weights)
    state = None
    losses = []
    for piece, weighting in zip(x.split(k, dim=1), v.split(k, dim=1), strict=True):
        out, state = lstm(piece, state)
        loss = torch.sum(out * weighting)
        loss.backward()
        losses.append(loss.detach())
        state = tuple(s.detach() for s in state)
    return torch.stack(losses).sum(), {name: p.grad for name, p in lstm.named_parameters()}
