"""Convert an LSTM's weights: one matrix over [h, x], or two matrices as in torch."""

from torch import Tensor


def split_gates(w: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn the textbook's one matrix over [h, x] into torch's four tensors.

    [h, x] wᵀ + b = x w_ihᵀ + b_ih + h w_hhᵀ + b_hh for every x and h

    Args:
        w: weights that multiply h_{t-1} and x_t set side by side, in this order, (4H, H + I),
            float32 or float64.
        b: bias, (4H,), in the dtype of w.

    Returns:
        w_ih (4H, I), w_hh (4H, H), b_ih (4H,), b_hh (4H,), in the dtype of w; all of b is in b_ih.

    """
    raise NotImplementedError


def join_gates(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Turn torch's four tensors into the textbook's one matrix over [h, x] and one bias.

    [h, x] wᵀ + b = x w_ihᵀ + b_ih + h w_hhᵀ + b_hh for every x and h

    Args:
        w_ih: input weights, (4H, I), float32 or float64.
        w_hh: recurrent weights, (4H, H), in the same dtype, as are the biases.
        b_ih: input bias, (4H,).
        b_hh: recurrent bias, (4H,).

    Returns:
        w (4H, H + I) and b (4H,), in the dtype of w_ih.

    """
    raise NotImplementedError
