"""How strongly the last hidden state depends on each earlier one, by recursion over time."""

import torch


def _jacobians(w_hh: torch.Tensor, hs: torch.Tensor) -> list[torch.Tensor]:
    """Return d h_T / d h_t for t = 0 ... T-1: the first is the second times one step."""
    first_step = w_hh * (1 - torch.outer(hs[1], torch.ones_like(hs[1])).pow(2))
    if len(hs) == 2:
        return [first_step]
    later = _jacobians(w_hh, hs[1:])
    return [later[0] @ first_step, *later]


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the norms (T,) of a whole stack of Jacobians."""
    return torch.linalg.norm(torch.stack(_jacobians(w_hh, hs)), ord=2, dim=(1, 2))
