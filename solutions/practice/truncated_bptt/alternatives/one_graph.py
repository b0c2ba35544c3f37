"""One graph for the whole sequence, cut at the boundaries; one backward pass at the end."""

import torch
from torch import Tensor


def truncated_bptt(
    x: Tensor, v: Tensor, weights: dict[str, Tensor], k: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Cut the state's history before every step whose number is a multiple of k."""
    leaves = {name: w.clone().requires_grad_(True) for name, w in weights.items()}
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    n, steps, _ = x.shape
    state = (x.new_zeros(n, v.size(-1)),) * 2
    hidden = []
    for t in range(steps):
        if t % k == 0:
            state = tuple(s.detach() for s in state)
        state = torch.lstm_cell(x[:, t], state, *(leaves[name] for name in names))
        hidden.append(state[0])
    loss = (torch.stack(hidden, dim=1) * v).sum()
    grads = torch.autograd.grad(loss, list(leaves.values()))
    return loss, dict(zip(leaves, grads, strict=True))
