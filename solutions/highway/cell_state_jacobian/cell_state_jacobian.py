"""How c_T depends on c_0, along the highway and in full."""

import torch
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
    return f.prod(dim=0)


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
    # The product rule: D_t = diag(f_t) D_{t-1} + diag(c_{t-1}) df_t + diag(g_t) di_t
    # + diag(i_t) dg_t, with D_0 = I.
    h, c = h0, c0
    dc = torch.diag(torch.ones_like(c0))  # d c_t / d c_0
    dh = torch.zeros_like(dc)  # d h_t / d c_0
    for x in xs:
        a_i, a_f, a_g, a_o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
        i, f, g, o = a_i.sigmoid(), a_f.sigmoid(), a_g.tanh(), a_o.sigmoid()
        # The gates see c_0 through h_{t-1} alone.
        da_i, da_f, da_g, da_o = (w_hh @ dh).chunk(4)
        di = _scale_rows(i * (1 - i), da_i)
        df = _scale_rows(f * (1 - f), da_f)
        dg = _scale_rows(1 - g**2, da_g)
        do = _scale_rows(o * (1 - o), da_o)
        direct = _scale_rows(f, dc)
        dc = direct + _scale_rows(c, df) + _scale_rows(g, di) + _scale_rows(i, dg)
        c = f * c + i * g
        squashed = c.tanh()
        dh = _scale_rows(squashed, do) + _scale_rows(o * (1 - squashed**2), dc)
        h = o * squashed
    return dc


def _scale_rows(factors: Tensor, matrix: Tensor) -> Tensor:
    # diag(factors) @ matrix, without building the diagonal matrix.
    return factors[:, None] * matrix
