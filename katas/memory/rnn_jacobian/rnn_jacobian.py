"""How strongly the last hidden state depends on each earlier one."""

import torch


def jacobian_norms(w_hh: torch.Tensor, hs: torch.Tensor) -> torch.Tensor:
    """Return the spectral norms of the Jacobians d h_T / d h_t of a tanh network.

        h_s = tanh(W_hh h_{s-1} + (input and biases)),  s = 1 ... T
        entry t = ‖d h_T / d h_t‖₂,  t = 0 ... T-1

    Args:
        w_hh: (H, H) weights from hidden to hidden, float32 or float64, as in torch.nn.RNNCell.
        hs: (T+1, H) the states h_0, h_1, ..., h_T of one sequence, same dtype; T >= 1.

    Returns:
        (T,) the norms, for t = 0, 1, ..., T-1, same dtype.

    Source: Bengio, Simard, Frasconi 1994; Pascanu, Mikolov, Bengio 2013, section 2.
    """
    raise NotImplementedError
