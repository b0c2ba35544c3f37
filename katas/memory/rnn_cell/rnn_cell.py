"""One step of a plain recurrent network."""

import torch


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    w_ih: torch.Tensor,
    w_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """Return the next hidden state of a recurrent cell.

        h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh)

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        w_ih: (H, I) weights from input to hidden.
        w_hh: (H, H) weights from hidden to hidden.
        b_ih: (H,) bias added to the input's part.
        b_hh: (H,) bias added to the hidden state's part.

    Returns:
        (N, H) new hidden state, same dtype as the inputs.

    Source: Elman 1990, section 2; the layout of the weights is that of torch.nn.RNNCell.
    """
    raise NotImplementedError
