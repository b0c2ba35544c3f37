"""Fill the answers slice by slice, as one would in NumPy."""

from torch import Tensor


def split_gates(w: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cut w into its columns for h and for x; copies, so that nothing is shared."""
    h = b.numel() // 4
    w_ih = w.new_empty(4 * h, w.shape[1] - h)
    w_hh = w.new_empty(4 * h, h)
    w_hh[:] = w[:, :h]
    w_ih[:] = w[:, h:]
    return w_ih, w_hh, b.clone(), b.new_zeros(4 * h)


def join_gates(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Set the columns for h and for x side by side."""
    h = w_hh.shape[1]
    w = w_ih.new_zeros(w_ih.shape[0], h + w_ih.shape[1])
    w[:, :h] += w_hh
    w[:, h:] += w_ih
    b = b_hh.clone()
    b += b_ih
    return w, b
