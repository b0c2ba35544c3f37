"""One step of a long short-term memory."""

import torch


def lstm_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    c: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the next hidden state and the next cell state of an LSTM cell.

        i  = σ(x W_iiᵀ + b_ii + h W_hiᵀ + b_hi)
        f  = σ(x W_ifᵀ + b_if + h W_hfᵀ + b_hf)
        g  = tanh(x W_igᵀ + b_ig + h W_hgᵀ + b_hg)
        o  = σ(x W_ioᵀ + b_io + h W_hoᵀ + b_ho)
        c' = f ⊙ c + i ⊙ g
        h' = o ⊙ tanh(c')

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        c: (N, H) cell state from the step before, same dtype.
        w_ih: (4H, I) weights from the input, the blocks i, f, g, o stacked in this order.
        w_hh: (4H, H) weights from the hidden state, stacked alike.
        b_ih: (4H,) biases of the input's part, stacked alike.
        b_hh: (4H,) biases of the hidden state's part, stacked alike.

    Returns:
        The pair (h', c'), each (N, H), same dtype as the inputs.

    Source: Hochreiter & Schmidhuber 1997; the forget gate is from Gers, Schmidhuber &
    Cummins 2000; this form is that of torch.nn.LSTMCell.
    """
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
    g = torch.tanh(g)
    c_next = f * c + i * g
    h_next = o * torch.tanh(c_next)
    return h_next, c_next
