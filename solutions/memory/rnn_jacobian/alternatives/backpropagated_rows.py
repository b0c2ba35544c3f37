"""How strongly the last hidden state depends on each earlier one: rows sent back through time."""

import torch


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the norms (T,): every unit's gradient is carried back, as backpropagation does it."""
    rows = torch.eye(hs.shape[1], dtype=hs.dtype, device=hs.device)
    jacobians = []
    for t in range(len(hs) - 1, 0, -1):
        rows = torch.einsum("ab,b,bc->ac", rows, (1 - hs[t]) * (1 + hs[t]), w_hh)
        jacobians.insert(0, rows)
    # A norm is the root of the largest eigenvalue of J Jᵀ; all T of them in one call.
    stacked = torch.stack(jacobians)
    return torch.linalg.eigvalsh(stacked @ stacked.mT)[:, -1].sqrt()
