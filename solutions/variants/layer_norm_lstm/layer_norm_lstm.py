"""One step of an LSTM with layer normalisation."""

from torch import Tensor


def layer_norm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    ln_ih: Tensor,
    ln_hh: Tensor,
    ln_c: Tensor,
    stored: str,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor]:
    """Return the hidden and the cell state after one step of a layer-normalised LSTM.

    a = LN(x w_ihᵀ) + LN(h w_hhᵀ), each gate block normalised by itself;
    c̃ = σ(a_f) ⊙ c + σ(a_i) ⊙ tanh(a_g);  h' = σ(a_o) ⊙ tanh(LN(c̃));  c' = c̃ or LN(c̃)

    Args:
        x: input, (N, I), float32 or float64; every tensor has its dtype.
        h: hidden state, (N, H).
        c: cell state, (N, H).
        w_ih: input weights, (4H, I), row blocks i, f, g, o.
        w_hh: recurrent weights, (4H, H), in the same order.
        ln_ih: gain (row 0) and bias (row 1) of the norm of x w_ihᵀ, (2, 4H).
        ln_hh: gain and bias of the norm of h w_hhᵀ, (2, 4H).
        ln_c: gain and bias of the norm of the cell state, (2, H).
        stored: which cell state is passed on: "c" for c̃, "ln_c" for LN(c̃).
        eps: what is added to the variance.

    Returns:
        h' (N, H) and c' (N, H), in x's dtype.

    Source: Ba, Kiros and Hinton (2016), section 3.1, with one norm per gate.

    """
    # Two norms, then a sum: neither x nor h can drown the other.
    a = _normalise(x @ w_ih.T, ln_ih, 4, eps) + _normalise(h @ w_hh.T, ln_hh, 4, eps)
    a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
    new_c = a_f.sigmoid() * c + a_i.sigmoid() * a_g.tanh()
    normed = _normalise(new_c, ln_c, 1, eps)
    new_h = a_o.sigmoid() * normed.tanh()
    return new_h, new_c if stored == "c" else normed


def _normalise(y: Tensor, ln: Tensor, blocks: int, eps: float) -> Tensor:
    gain, bias = ln
    y = y.unflatten(1, (blocks, -1))
    centred = y - y.mean(dim=-1, keepdim=True)
    variance = (centred**2).mean(dim=-1, keepdim=True)
    # eps under the root: at variance 0 (h = 0, or H = 1) the root's slope would be infinite.
    scaled = centred / (variance + eps).sqrt()
    return scaled.flatten(1) * gain + bias
