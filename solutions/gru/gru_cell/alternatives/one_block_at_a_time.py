"""One step of a gated recurrent unit, each block of weights by itself, as in the formulas."""

import torch
from torch.nn import functional


def gru_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state (N, H) from nine named blocks."""
    w_ir, w_iz, w_in = w_ih.chunk(3)
    w_hr, w_hz, w_hn = w_hh.chunk(3)
    b_ir, b_iz, b_in = b_ih.chunk(3)
    b_hr, b_hz, b_hn = b_hh.chunk(3)
    r = torch.sigmoid(functional.linear(x, w_ir, b_ir) + functional.linear(h, w_hr, b_hr))
    z = torch.sigmoid(functional.linear(x, w_iz, b_iz) + functional.linear(h, w_hz, b_hz))
    n = torch.tanh(functional.linear(x, w_in, b_in) + r * functional.linear(h, w_hn, b_hn))
    # From the candidate, go the part z of the way back to the old state.
    return torch.lerp(n, h, z)
