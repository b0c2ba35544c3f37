"""One step of a gated recurrent unit, with the three blocks as an axis of one tensor."""

import torch


def gru_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H); the index k runs over r, z, n."""
    size = h.shape[1]
    i = torch.einsum("ni,khi->knh", x, w_ih.reshape(3, size, -1)) + b_ih.reshape(3, 1, size)
    m = torch.einsum("nj,khj->knh", h, w_hh.reshape(3, size, size)) + b_hh.reshape(3, 1, size)
    # σ(a) = (1 + tanh(a / 2)) / 2: one nonlinearity serves for all three.
    r, z = (1 + torch.tanh((i[:2] + m[:2]) / 2)) / 2
    n = torch.tanh(torch.addcmul(i[2], r, m[2]))
    return h + (1 - z) * (n - h)
