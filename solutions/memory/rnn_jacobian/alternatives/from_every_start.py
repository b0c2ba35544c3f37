"""How strongly the last hidden state depends on each earlier one: a product for every start."""

import torch


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the norms (T,), each from a product of its own, taken forwards in time."""
    steps = [torch.diag(1 - h.square()) @ w_hh for h in hs[1:]]
    norms = []
    for start in range(len(steps)):
        jacobian = steps[start]
        for step in steps[start + 1 :]:
            jacobian = step @ jacobian
        norms.append(torch.linalg.svdvals(jacobian)[0])
    return torch.stack(norms)
