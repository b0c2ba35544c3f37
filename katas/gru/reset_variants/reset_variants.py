"""The two forms of the GRU: reset gate before the matrix product, or after it."""

import torch


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
    raise NotImplementedError


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
    raise NotImplementedError


def interchangeable(w_hh: torch.Tensor, b_hh: torch.Tensor) -> bool:
    """Return whether both forms agree for these recurrent weights, whatever else they are given.

    Args:
        w_hh: (3H, H) weights from the hidden state, the blocks r, z, n stacked in this order.
        b_hh: (3H,) biases of the hidden state's part, stacked alike.

    Returns:
        True if the two forms give the same h' for every x, h, w_ih and b_ih; else False.
    """
    raise NotImplementedError
