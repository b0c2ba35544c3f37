"""One step of a gated recurrent unit."""

import torch


def gru_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state of a GRU cell, in the form that torch and cuDNN use.

        r  = σ(x W_irᵀ + b_ir + h W_hrᵀ + b_hr)
        z  = σ(x W_izᵀ + b_iz + h W_hzᵀ + b_hz)
        n  = tanh(x W_inᵀ + b_in + r ⊙ (h W_hnᵀ + b_hn))
        h' = (1 - z) ⊙ n + z ⊙ h

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        w_ih: (3H, I) weights from the input, the blocks r, z, n stacked in this order.
        w_hh: (3H, H) weights from the hidden state, stacked alike.
        b_ih: (3H,) biases of the input's part, stacked alike.
        b_hh: (3H,) biases of the hidden state's part, stacked alike.

    Returns:
        (N, H) new hidden state, same dtype as the inputs.

    Source: Cho et al. 2014, section 2.3; this form is that of torch.nn.GRUCell.
    """
    from_input = x @ w_ih.T + b_ih
    from_memory = h @ w_hh.T + b_hh
    i_r, i_z, i_n = from_input.chunk(3, dim=1)
    h_r, h_z, h_n = from_memory.chunk(3, dim=1)
    r = torch.sigmoid(i_r + h_r)
    z = torch.sigmoid(i_z + h_z)
    n = torch.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h
