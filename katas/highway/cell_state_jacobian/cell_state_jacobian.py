"""How c_T depends on c_0, along the highway and in full."""

from torch import Tensor


def direct_path(f: Tensor) -> Tensor:
    """Return how much of c_0 arrives in c_T if the gates are held fixed, unit by unit.

    f_T ⊙ ... ⊙ f_1

    Args:
        f: the forget gates' values at the T steps, (T, H), float32 or float64.

    Returns:
        The direct path's factors, (H,), in f's dtype.

    Source: Gers, Schmidhuber and Cummins (2000), "Learning to forget".

    """
    raise NotImplementedError


def full_jacobian(
    xs: Tensor, h0: Tensor, c0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Return d c_T / d c_0 of an LSTM cell run over T steps, on all paths, with h_0 held fixed.

    Args:
        xs: inputs, (T, I), float32 or float64; all other arguments have this dtype.
        h0: hidden state before the first step, (H,).
        c0: cell state before the first step, (H,).
        w_ih: input weights, (4H, I), row blocks i, f, g, o.
        w_hh: recurrent weights, (4H, H), in the same order.
        b_ih: input bias, (4H,).
        b_hh: recurrent bias, (4H,).

    Returns:
        The Jacobian, (H, H), in xs' dtype: entry [a, b] is d c_T[a] / d c_0[b].

    Source: Graves (2012), chapter 4, where the same paths are followed backwards.

    """
    raise NotImplementedError
