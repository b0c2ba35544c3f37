"""One step of an LSTM whose gates may look at the cell state."""

import torch
from torch import Tensor


def peephole_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b: Tensor,
    p_i: Tensor,
    p_f: Tensor,
    p_o: Tensor,
) -> tuple[Tensor, Tensor]:
    """Take one step of an LSTM with peephole connections.

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        c: (N, H) cell state from the step before, same dtype.
        w_ih: (4H, I) weights from the input, the blocks i, f, g, o stacked in this order.
        w_hh: (4H, H) weights from the hidden state, stacked alike.
        b: (4H,) biases, stacked alike.
        p_i: (H,) peephole weights of the input gate, one for each unit.
        p_f: (H,) peephole weights of the forget gate.
        p_o: (H,) peephole weights of the output gate.

    Returns:
        (N, H) new hidden state and (N, H) new cell state, same dtype as the inputs.

    Source: Gers and Schmidhuber 2000; in this notation Graves 2013, section 2.1, equations 7 to 11.
    """
    # i  = σ(x W_iᵀ + h U_iᵀ + b_i + p_i ⊙ c)
    # f  = σ(x W_fᵀ + h U_fᵀ + b_f + p_f ⊙ c)
    # g  = tanh(x W_gᵀ + h U_gᵀ + b_g)
    # c' = f ⊙ c + i ⊙ g
    # o  = σ(x W_oᵀ + h U_oᵀ + b_o + p_o ⊙ c')
    # h' = o ⊙ tanh(c')
    gates = x @ w_ih.T + h @ w_hh.T + b
    i, f, g, o = gates.chunk(4, dim=1)
    i = torch.sigmoid(i + p_i * c)
    f = torch.sigmoid(f + p_f * c)
    g = torch.tanh(g)
    new_c = f * c + i * g
    o = torch.sigmoid(o + p_o * new_c)
    new_h = o * torch.tanh(new_c)
    return new_h, new_c
