"""One step of a gated recurrent unit, spelled out for each sequence and unit."""

import torch


def gru_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H), one number at a time."""
    n_batch, size = h.shape
    rows = []
    for b in range(n_batch):
        units = []
        for u in range(size):
            row_r, row_z, row_n = u, size + u, 2 * size + u
            i_r, i_z, i_n = ((w_ih[k] * x[b]).sum() + b_ih[k] for k in (row_r, row_z, row_n))
            h_r, h_z, h_n = ((w_hh[k] * h[b]).sum() + b_hh[k] for k in (row_r, row_z, row_n))
            r, z = (i_r + h_r).sigmoid(), (i_z + h_z).sigmoid()
            units.append((1 - z) * (i_n + r * h_n).tanh() + z * h[b, u])
        rows.append(torch.stack(units))
    return torch.stack(rows)
