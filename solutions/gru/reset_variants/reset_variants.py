"""The two forms of the GRU: reset gate before the matrix product, or after it."""

import torch


def _gates(
    from_input: torch.Tensor, from_memory: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the reset and the update gate, (N, H) each: there the two forms do not differ."""
    i_r, i_z, _ = from_input.chunk(3, dim=1)
    h_r, h_z, _ = from_memory.chunk(3, dim=1)
    return torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)


def _mixture(z: torch.Tensor, n: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """Return the new state (N, H), the part z of it old."""
    return (1 - z) * n + z * h


def gru_reset_before(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state, with the reset gate applied to the old state.

        n  = tanh(x W_inᵀ + b_in + (r ⊙ h) W_hnᵀ + b_hn)
        h' = (1 - z) ⊙ n + z ⊙ h,  r and z as in gru_cell

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        w_ih: (3H, I) weights from the input, the blocks r, z, n stacked in this order.
        w_hh: (3H, H) weights from the hidden state, stacked alike.
        b_ih: (3H,) biases of the input's part, stacked alike.
        b_hh: (3H,) biases of the hidden state's part, stacked alike.

    Returns:
        (N, H) new hidden state, same dtype as the inputs.

    Source: Cho et al. 2014, section 2.3.
    """
    size = h.shape[1]
    from_input, from_memory = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    r, z = _gates(from_input, from_memory)
    recalled = (r * h) @ w_hh[2 * size :].T + b_hh[2 * size :]
    return _mixture(z, torch.tanh(from_input[:, 2 * size :] + recalled), h)


def gru_reset_after(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state, with the reset gate applied to the product.

        n  = tanh(x W_inᵀ + b_in + r ⊙ (h W_hnᵀ + b_hn))
        h' = (1 - z) ⊙ n + z ⊙ h,  r and z as in gru_cell

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        w_ih: (3H, I) weights from the input, the blocks r, z, n stacked in this order.
        w_hh: (3H, H) weights from the hidden state, stacked alike.
        b_ih: (3H,) biases of the input's part, stacked alike.
        b_hh: (3H,) biases of the hidden state's part, stacked alike.

    Returns:
        (N, H) new hidden state, same dtype as the inputs.

    Source: the form of cuDNN and of torch.nn.GRUCell.
    """
    from_input, from_memory = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    r, z = _gates(from_input, from_memory)
    i_n, h_n = from_input.chunk(3, dim=1)[2], from_memory.chunk(3, dim=1)[2]
    return _mixture(z, torch.tanh(i_n + r * h_n), h)


def interchangeable(w_hh: torch.Tensor, b_hh: torch.Tensor) -> bool:
    """Return whether both forms agree for these recurrent weights, whatever else they are given.

    Args:
        w_hh: (3H, H) weights from the hidden state, the blocks r, z, n stacked in this order.
        b_hh: (3H,) biases of the hidden state's part, stacked alike.

    Returns:
        True if the two forms give the same h' for every x, h, w_ih and b_ih; else False.
    """
    w_hn, b_hn = w_hh.chunk(3)[2], b_hh.chunk(3)[2]
    off_diagonal = w_hn - torch.diag(torch.diag(w_hn))
    # Σ_j w_ij r_j h_j + b_i must equal r_i (Σ_j w_ij h_j + b_i) for all r and h: compare
    # coefficients. Only j = i may have a weight, and a bias would have to equal r_i times itself.
    return not bool(off_diagonal.any()) and not bool(b_hn.any())
